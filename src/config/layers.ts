import type { Environment, Flags } from '../config.ts';
import type { Problem } from '../errors.ts';
import { parseDotenv } from './dotenv.ts';
import { readText } from './files.ts';
import type { Findings } from './findings.ts';
import type { Told } from './told.ts';
import type { Variable } from './variable.ts';

/**
 * What one place (the flags, the environment, `.env`) says, by variable. A value that is undefined was told, but
 * could not be read; its problem has been reported, so that nobody calls it missing as well.
 */
export type Layer = ReadonlyMap<string, Told<string | undefined>>;

type Described = Readonly<
  Record<string, { readonly variable: Variable; readonly _parse?: (input: string) => unknown }>
>;

interface Sources {
  readonly env: Environment;
  readonly flags: Flags;
  readonly dotenv?: string | Problem | undefined;
}

/**
 * Flags, environment and `.env`, the strongest first; only the variables that are asked for. What a stronger layer
 * tells is not looked at in a weaker one: a DATABASE_URL there must not lend its password to another host.
 */
export function layersOf(sources: Sources, variables: Described, findings: Findings): readonly Layer[] {
  const { env, flags, dotenv } = sources;
  const told = flagLayer(flags, variables, findings);
  const open = without(told, variables);
  const environment = variableLayer(env, open, '', findings);
  if (typeof dotenv !== 'string') return [told, environment];
  const left = without(environment, open);
  const parsed = parseDotenv(dotenv, env, (line) =>
    findings.warnings.push(`line ${line} of .env is not an assignment, and is not read`),
  );
  const file = variableLayer(parsed, left, ' in .env', findings);
  return [told, environment, withoutForeign(file, left, findings)];
}

/** Without the values of shared variables that only another program understands: LocalRAG has one `.env` for all. */
function withoutForeign(layer: Layer, variables: Described, findings: Findings): Layer {
  const own = [...layer].filter(([name, { value, source }]) => {
    const description = variables[name];
    if (value === undefined || !description?.variable.shared) return true;
    try {
      description._parse?.(value);
      return true;
    } catch (error) {
      findings.warnings.push(`${source} ${(error as Error).message}, and is not used`);
      return false;
    }
  });
  return new Map(own);
}

function without(layer: Layer, variables: Described): Described {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !layer.has(name)));
}

/** Several layers as one: the strongest that tells a variable. */
export function merged(layers: readonly Layer[]): Layer {
  return new Map(layers.toReversed().flatMap((layer) => [...layer]));
}

/** Flags as variables; where one fits several (--user), the first variable has it: PostgreSQL's before Neo4j's. */
export function flagLayer(flags: Flags, variables: Described, findings: Findings): Layer {
  const layer = new Map<string, Told<string>>();
  const taken = new Set<keyof Flags>();
  for (const [name, { variable }] of Object.entries(variables)) {
    const value = variable.flag && flags[variable.flag];
    if (variable.flag === undefined || value === undefined || taken.has(variable.flag)) continue;
    taken.add(variable.flag);
    const source = `--${variable.flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    // Unlike an empty variable, an empty flag was written by somebody: --database=$UNSET must not mean the default.
    if (value === '') findings.problem(`${source} is empty`, 'give it a value, or leave the flag out');
    else layer.set(name, { value, source });
  }
  return layer;
}

function variableLayer(env: Environment, variables: Described, where: string, findings: Findings): Layer {
  const layer = new Map<string, Told<string | undefined>>();
  for (const [name, { variable }] of Object.entries(variables)) {
    // Kubernetes and docker-compose make empty variables out of values that nobody gave.
    const value = env[name] || undefined;
    const file = variable.secret ? env[`${name}_FILE`] || undefined : undefined;
    if (value !== undefined && file !== undefined) {
      findings.problem(`both ${name} and ${name}_FILE are set${where}`, 'keep one of them');
    }
    if (value !== undefined) {
      if (isServiceLink(name, value)) {
        findings.warnings.push(`${name}${where} was made by Kubernetes from the name of a Service, and is not read`);
        continue;
      }
      if (variable.secret && /[\r\n]$/.test(value)) {
        findings.warnings.push(`${name}${where} ends with a line break: was the Secret made with echo, not echo -n?`);
      }
      layer.set(name, { value, source: `${name}${where}` });
    } else if (file !== undefined) {
      const source = `${name}_FILE${where}`;
      layer.set(name, { value: readSecret(source, file, findings), source });
    }
  }
  return layer;
}

/** A Service called "postgres" gives every pod beside it POSTGRES_PORT=tcp://10.96.0.7:5432, which nobody wrote. */
function isServiceLink(name: string, value: string): boolean {
  return name.endsWith('_PORT') && /^tcp:\/\/[^/\s]+:\d+$/.test(value);
}

function readSecret(source: string, path: string, findings: Findings): string | undefined {
  const { text, reason } = readText(path);
  const secret = text?.replace(/\r?\n$/, '');
  if (secret) return secret;
  findings.problem(`${source}: ${path}: ${reason ?? 'is empty'}`, 'check the path and how the Secret is mounted');
  return undefined;
}
