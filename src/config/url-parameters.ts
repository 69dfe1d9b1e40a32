import type { Findings } from './findings.ts';
import type { PostgresParts } from './postgres-parts.ts';
import { HONOURED } from './postgres-variables.ts';
import { agreed, type Told, tell } from './told.ts';
import * as values from './values.ts';

/** Parameters that say how to connect. */
const SETTINGS = ['host', 'sslmode', 'ssl', 'sslrootcert', 'sslcert', 'sslkey', 'connect_timeout', 'application_name'];

const DEMANDS: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(HONOURED));

export function isKnownParameter(name: string): boolean {
  return SETTINGS.includes(name) || DEMANDS.has(name);
}

/** The settings among a URL's parameters. What cannot be honoured is a problem that names it, never ignored. */
export function readParameters(
  parameters: readonly (readonly [name: string, value: string])[],
  source: string,
  findings: Findings,
): PostgresParts {
  const texts = new Map(parameters);
  if (texts.size < parameters.length) findings.problem(`${source} has a parameter twice`, 'keep one of them');
  refuseOthers(texts, source, findings);
  if (texts.has('application_name')) {
    findings.warnings.push(`application_name in ${source} is not used: sessions carry this program's own name`);
  }

  function told<T>(name: string, parse: (input: string) => T): Told<T> | undefined {
    const input = texts.get(name);
    return input ? tell(`${name} in ${source}`, () => parse(input), findings) : undefined;
  }

  return {
    host: told('host', values.hostOrSocket),
    sslmode: agreed([told('sslmode', values.sslmode), told('ssl', ssl)], 'modes', findings),
    rootCertificate: told('sslrootcert', values.text),
    certificate: told('sslcert', values.text),
    key: told('sslkey', values.text),
    connectTimeout: told('connect_timeout', values.seconds),
  };
}

/** libpq itself reads ssl=true as sslmode=require, which is how JDBC writes it; asyncpg's users write the modes here. */
function ssl(input: string) {
  const words = { true: 'require', 1: 'require', false: 'disable', 0: 'disable' };
  return values.sslmode(new Map(Object.entries(words)).get(input.toLowerCase()) ?? input);
}

function refuseOthers(texts: ReadonlyMap<string, string>, source: string, findings: Findings): void {
  for (const [name, value] of texts) {
    const honoured = DEMANDS.get(name);
    if (honoured && !honoured.includes(value)) {
      findings.problem(`${name} in ${source} can only be ${honoured.join(', ')}`, `take ${name} out of ${source}`);
    } else if (!isKnownParameter(name)) {
      findings.problem(`${source} has the parameter ${name}, which is not supported`, `take ${name} out of ${source}`);
    }
  }
}
