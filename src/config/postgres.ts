import type { PostgresConfig } from '../config.ts';
import type { Findings } from './findings.ts';
import type { Layer } from './layers.ts';
import { partsOf } from './postgres-parts.ts';
import { POSTGRES_DEFAULTS } from './postgres-variables.ts';
import { tlsOf } from './tls.ts';
import { strongest } from './told.ts';

/** Without defaults: schema changes in a database that nobody named are worse than an error. */
const REQUIRED = {
  host: ['POSTGRES_HOST', 'PGHOST'],
  database: ['POSTGRES_DB', 'PGDATABASE'],
  user: ['POSTGRES_USER', 'PGUSER'],
} as const;
type Required = Readonly<Record<keyof typeof REQUIRED, string>>;

/**
 * PostgreSQL's configuration from layers, the strongest first; undefined where there are problems.
 * Inside one layer DATABASE_URL and the single variables must agree; between layers the stronger one overrides.
 * @param otherwise stands in for the parts that must be told somewhere.
 * @param hint what else can be done where they are not.
 */
export function postgresFrom(
  layers: readonly Layer[],
  findings: Findings,
  { otherwise, hint }: { readonly otherwise?: Required; readonly hint?: string } = {},
): PostgresConfig | undefined {
  const parts = strongest(layers.map((layer) => partsOf(layer, findings)));
  const host = parts.host?.value ?? otherwise?.host;
  const database = parts.database?.value ?? otherwise?.database;
  const user = parts.user?.value ?? otherwise?.user;
  const tls = tlsOf(host ?? '', parts, findings);
  if (!parts.unreadable) reportMissing({ host, database, user }, layers, findings, hint);
  if (host === undefined || database === undefined || user === undefined) return undefined;
  return Object.freeze({
    host,
    port: parts.port?.value ?? POSTGRES_DEFAULTS.port,
    database,
    user,
    password: parts.password?.value,
    ...tls,
    connectTimeout: parts.connectTimeout?.value ?? POSTGRES_DEFAULTS.connectTimeoutSeconds * 1000,
  });
}

function reportMissing(
  found: Readonly<Record<keyof Required, string | undefined>>,
  layers: readonly Layer[],
  findings: Findings,
  hint: string | undefined,
): void {
  const isTold = (name: string) => layers.some((layer) => layer.has(name));
  const missing = Object.entries(REQUIRED)
    .filter(([part, names]) => found[part as keyof Required] === undefined && !names.some(isTold))
    .map(([, [name]]) => name);
  if (missing.length === 0) return;
  if (missing.length === Object.keys(REQUIRED).length && !isTold('DATABASE_URL')) {
    findings.missing(
      'PostgreSQL is not configured: set DATABASE_URL, or POSTGRES_HOST, POSTGRES_DB and POSTGRES_USER',
      hint,
    );
    return;
  }
  for (const name of missing) {
    findings.missing(`${name} is not set${isTold('DATABASE_URL') ? ', and DATABASE_URL does not tell it either' : ''}`);
  }
}
