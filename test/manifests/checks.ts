import { join } from 'node:path';
import { type Ended, execute } from '../execute.ts';
import { type GoProgram, goProgram, installedGoProgram, KUSTOMIZE } from './go-program.ts';
import { openapiOf, validateProgram } from './kubernetes-module.ts';
import { schemas } from './schemas.ts';

/** What is wrong with one object of a file. */
export interface Problem {
  readonly file: string;
  /** Its kind and name; empty where the whole file is refused. */
  readonly object: string;
  readonly text: string;
}

export interface Report {
  readonly problems: readonly Problem[];
  /** Objects that the check knows nothing about. */
  readonly unchecked: readonly string[];
}

export interface Check {
  readonly name: string;
  readonly examine: (files: readonly string[]) => Promise<Report>;
}

/** Decoding, defaulting, validation, warnings and pod security of the API server. */
export function validation(version: string): Check {
  return objectCheck(`Kubernetes ${version}`, () => validateProgram(version));
}

/** The rules of server-side apply; they hardly change between versions. */
export function serverSideApply(): Check {
  const version = '0.34.4';
  const module = `module apply\n\ngo 1.24.0\n\nrequire k8s.io/client-go v${version}\n`;
  return objectCheck('server-side apply', async () => ({ name: 'apply', version, module }));
}

/** A program of this repository that prints a result for each object. */
function objectCheck(name: string, source: () => Promise<GoProgram>): Check {
  interface Result extends Omit<Problem, 'text'> {
    readonly custom: boolean;
    readonly problems: readonly string[];
  }
  return {
    name,
    examine: async (files) => {
      const program = await goProgram(await source());
      const results: readonly Result[] = JSON.parse(outputOf(await execute(program, files)));
      return {
        problems: results.flatMap(({ file, object, problems }) => problems.map((text) => ({ file, object, text }))),
        unchecked: results.filter(({ custom }) => custom).map(({ object }) => object),
      };
    },
  };
}

/** The published description of each kind, without any field that it does not name. */
export function conformance(version: string): Check {
  interface Resource {
    readonly filename: string;
    readonly kind: string;
    readonly name: string;
    readonly status: string;
    readonly msg: string;
  }
  return {
    name: `kubeconform ${version}`,
    examine: async (files) => {
      const program = await installedGoProgram('kubeconform', 'github.com/yannh/kubeconform/cmd/kubeconform', 'v0.8.0');
      const location = join(await schemas(version, await openapiOf(version)), '{{.ResourceKind}}{{.KindSuffix}}.json');
      const flags = ['-strict', '-verbose', '-output', 'json', '-ignore-missing-schemas', '-schema-location', location];
      // It exits with 1 if there is a problem.
      const ended = await execute(program, [...flags, ...files]);
      const { resources }: { resources: readonly Resource[] } = JSON.parse(outputOf(ended, [0, 1]));
      return {
        problems: resources
          .filter(({ status }) => status === 'statusInvalid' || status === 'statusError')
          .map(({ filename, kind, name, msg }) => ({
            file: filename,
            object: `${kind}/${name}`,
            text: withoutPreface(msg),
          })),
        unchecked: resources
          .filter(({ status }) => status === 'statusSkipped')
          .map(({ kind, name }) => `${kind}/${name}`),
      };
    },
  };
}

/** `kubectl kustomize`, with the label that Flux adds. */
export function kustomization(): Check {
  interface Result {
    readonly file: string;
    readonly problem: string;
  }
  return {
    name: 'kustomize',
    examine: async (files) => {
      const program = await goProgram(KUSTOMIZE);
      const results: readonly Result[] = JSON.parse(outputOf(await execute(program, files)));
      const refused = results.filter(({ problem }) => problem !== '');
      const problems = refused.map(({ file, problem }) => ({ file, object: '', text: withoutFrame(problem) }));
      return { problems, unchecked: [] };
    },
  };
}

/** kubeconform names the schema's file before what is wrong. */
function withoutPreface(message: string): string {
  return message.replace(/^problem validating schema.*?#' - /s, '');
}

/** kustomize takes a file that it refuses for a directory, and reports both errors. */
function withoutFrame(problem: string): string {
  return problem.replace(/^.*accumulation err='accumulating resources from '[^']*': (.*)': must build at.*$/s, '$1');
}

function outputOf({ code, stdout, stderr }: Ended, expected: readonly (number | null)[] = [0]): string {
  if (!expected.includes(code)) throw new Error(`exit code ${code}: ${stderr.slice(-2000)}`);
  return stdout;
}
