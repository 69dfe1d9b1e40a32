import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

interface BundledPackage extends Package {
  readonly directory: string;
}

/** The npm packages that the files of a bundle come from, in the order of their names. */
export async function bundledPackages(root: string, inputs: ReadonlySet<string>): Promise<readonly BundledPackage[]> {
  const directories = new Set([...inputs].flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
  const packages = await Promise.all(
    [...directories].sort().map(async (path) => {
      const directory = join(root, path);
      const { name, version, license } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Package;
      return { name, version, license, directory };
    }),
  );
  // One version may be installed in two places.
  return [...new Map(packages.map((each) => [identifier(each), each])).values()];
}

/** The license of each package, which most of them require to be passed on with the program. */
export async function licenses(packages: readonly BundledPackage[]): Promise<string> {
  const texts = packages.map(async ({ name, version, license, directory }) => {
    const files = (await readdir(directory)).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    const contents = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
    return [`${name} ${version} (${license})`, ...contents.map((text) => text.trim())].join('\n\n');
  });
  return `${(await Promise.all(texts)).join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/**
 * The bill of materials as SPDX 2.3. `npm sbom` would list what is installed; the bundle has less of it, and installing the
 * bundle installs nothing.
 */
export function billOfMaterials(program: Package, packages: readonly Package[]): string {
  const described = identifier(program);
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${program.name}@${program.version}`,
    documentNamespace: `https://spdx.org/spdxdocs/${program.name}-${program.version}`,
    // Always the same, so that the same source gives the same package.
    creationInfo: { created: '1970-01-01T00:00:00Z', creators: [`Tool: ${program.name}-build`] },
    documentDescribes: [described],
    packages: [program, ...packages].map(entry),
    relationships: packages.map((each) => ({
      spdxElementId: described,
      relationshipType: 'CONTAINS',
      relatedSpdxElement: identifier(each),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function entry({ name, version, license }: Package): object {
  return {
    SPDXID: identifier({ name, version }),
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: license,
    copyrightText: 'NOASSERTION',
    externalRefs: [
      {
        referenceCategory: 'PACKAGE-MANAGER',
        referenceType: 'purl',
        referenceLocator: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      },
    ],
  };
}

/** SPDX allows letters, digits, dots and hyphens. */
function identifier({ name, version }: Pick<Package, 'name' | 'version'>): string {
  return `SPDXRef-Package-${`${name}-${version}`.replace(/[^A-Za-z0-9.-]+/g, '-')}`;
}
