import { parse } from 'yaml';

export interface Release {
  readonly version: string;
  /** OWNER/NAME on GitHub; undefined: the one that package.json names. */
  readonly repository: string | undefined;
  /** The text of a file, by its path from the root. */
  readonly read: (path: string) => Promise<string>;
}

interface PackageManifest {
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly repository: { readonly url: string };
}

interface ChartManifest {
  readonly version: string;
  readonly appVersion: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly dependencies?: readonly Dependency[];
}

interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
}

interface Values {
  readonly image: {
    readonly registry: string;
    readonly repository: string;
    readonly tag: string;
    readonly digest: string;
  };
}

const CHART = 'charts/localrag-migrate/Chart.yaml';
const LIBRARY = 'charts/localrag-migrate-lib/Chart.yaml';
const NAMES = 'charts/localrag-migrate-lib/templates/_names.tpl';
const VALUES = 'charts/localrag-migrate/values.yaml';
const EXAMPLES = ['examples/app/Chart.yaml', 'examples/umbrella/Chart.yaml'];
const WITH_IMAGE = ['examples/compose.yaml', 'examples/job.yaml', '.pre-commit-hooks.yaml'];
const PAGES = ['docs/install.md', 'docs/kubernetes.md', 'docs/lint.md', 'charts/localrag-migrate-lib/README.md'];

/** Where a page has a version of ours: behind a name, a tag or a key. */
const MENTION =
  /(?:localrag-migrate[:-]|\$chart-|--version |\bversion: |\brev: v|tags\/v)(\d+\.\d+\.\d+(?:-[0-9A-Za-z-]+)?)/g;

/** What the files say that a release of this version must not say. Empty: the release is consistent. */
export async function disagreements(release: Release): Promise<readonly string[]> {
  const [npm, chart, library, names, values, changelog, examples] = await Promise.all([
    npmPackage(release),
    chartOf(release),
    chartVersions(release, LIBRARY),
    templateVersion(release),
    imageOf(release),
    changelogOf(release),
    Promise.all([
      ...EXAMPLES.map((path) => dependenciesOf(release, path)),
      ...WITH_IMAGE.map((path) => imagesOf(release, path)),
      ...PAGES.map((path) => mentionsOf(release, path)),
    ]),
  ]);
  return [...npm, ...chart, ...library, ...names, ...values, ...changelog, ...examples.flat()];
}

/** The image that the workflow pushes. */
async function publishedImage({ repository, read }: Release): Promise<string> {
  return `ghcr.io/${(repository ?? (await packageRepository(read))).toLowerCase()}`;
}

async function packageRepository(read: Release['read']): Promise<string> {
  const { repository } = JSON.parse(await read('package.json')) as PackageManifest;
  return /github\.com\/(.+?)(?:\.git)?$/.exec(repository.url)?.[1] ?? repository.url;
}

async function npmPackage({ version, repository, read }: Release): Promise<readonly string[]> {
  const manifest = JSON.parse(await read('package.json')) as PackageManifest;
  const lock = JSON.parse(await read('package-lock.json')) as Pick<PackageManifest, 'version'>;
  const named = await packageRepository(read);
  return [
    ...differs('package.json: version', manifest.version, version),
    ...differs('package-lock.json: version', lock.version, version),
    ...(manifest.private ? ['package.json: private, so npm refuses to publish it'] : []),
    ...(manifest.dependencies === undefined ? [] : ['package.json: dependencies, but the build bundles them']),
    // npm compares it with the provenance, and refuses the package after the image has been pushed.
    ...differs('package.json: repository', named, repository ?? named),
  ];
}

async function chartOf(release: Release): Promise<readonly string[]> {
  const { annotations, dependencies = [] } = parse(await release.read(CHART)) as ChartManifest;
  const images = parse(annotations['artifacthub.io/images'] ?? '[]') as readonly { readonly image: string }[];
  const links = parse(annotations['artifacthub.io/links'] ?? '[]') as readonly { readonly url: string }[];
  const library = dependencies.find(({ name }) => name === 'localrag-migrate-lib');
  const found = library && `${library.version} from ${library.repository}`;
  return [
    ...(await chartVersions(release, CHART)),
    ...differs(
      `${CHART}: dependency localrag-migrate-lib`,
      found ?? 'missing',
      `${release.version} from file://../localrag-migrate-lib`,
    ),
    ...differs(
      `${CHART}: artifacthub.io/images`,
      images.map(({ image }) => image).join(', '),
      `${await publishedImage(release)}:${release.version}`,
    ),
    ...links
      .filter(({ url }) => !url.includes(`/blob/v${release.version}/`))
      .map(({ url }) => `${CHART}: artifacthub.io/links has ${url}, which is not of v${release.version}`),
  ];
}

async function chartVersions({ version, read }: Release, path: string): Promise<readonly string[]> {
  const chart = parse(await read(path)) as ChartManifest;
  // As semantic versioning has it: before 1.0.0 anything may change.
  const unstable = version.startsWith('0.') || version.includes('-');
  return [
    ...differs(`${path}: version`, chart.version, version),
    ...differs(`${path}: appVersion`, chart.appVersion, version),
    ...differs(`${path}: artifacthub.io/prerelease`, chart.annotations['artifacthub.io/prerelease'], String(unstable)),
  ];
}

/** The default tag of the image: a chart that depends on the library has an appVersion of its own. */
async function templateVersion({ version, read }: Release): Promise<readonly string[]> {
  const found = /"localrag-migrate\.appVersion" -}}(.*?){{/.exec(await read(NAMES))?.[1];
  return differs(`${NAMES}: appVersion`, found, version);
}

async function imageOf(release: Release): Promise<readonly string[]> {
  const { image } = parse(await release.read(VALUES)) as Values;
  return [
    ...differs(`${VALUES}: image`, `${image.registry}/${image.repository}`, await publishedImage(release)),
    // The chart's appVersion is the default.
    ...differs(`${VALUES}: image.tag`, image.tag, ''),
    ...differs(`${VALUES}: image.digest`, image.digest, ''),
  ];
}

async function changelogOf({ version, read }: Release): Promise<readonly string[]> {
  const sections = (await read('CHANGELOG.md')).split('\n').filter((line) => line.startsWith(`## [${version}]`));
  return sections.length > 0 ? [] : [`CHANGELOG.md: no section "## [${version}]"`];
}

async function dependenciesOf({ version, read }: Release, path: string): Promise<readonly string[]> {
  const { dependencies = [] } = parse(await read(path)) as ChartManifest;
  return dependencies.flatMap((each) => differs(`${path}: dependency ${each.name}`, each.version, version));
}

/** By its name: a YAML file has the image of the application too. */
async function imagesOf(release: Release, path: string): Promise<readonly string[]> {
  const found = (await release.read(path)).match(/\S*\/localrag-migrate[:@]\S+/g) ?? [];
  return differs(`${path}: image`, found.join(', '), `${await publishedImage(release)}:${release.version}`);
}

async function mentionsOf({ version, read }: Release, path: string): Promise<readonly string[]> {
  const found = [...(await read(path)).matchAll(MENTION)].map(([, mentioned = '']) => mentioned);
  return [...new Set(found)].filter((each) => each !== version).map((each) => `${path}: ${each} is not ${version}`);
}

function differs(what: string, found: string | undefined, expected: string): readonly string[] {
  return found === expected ? [] : [`${what} is ${found || 'empty'}, not ${expected || 'empty'}`];
}
