import type { RedisConfig } from '../config.ts';
import type { Findings } from './findings.ts';
import type { Layer } from './layers.ts';
import { agreed, strongest, type Told, tellingsOf } from './told.ts';
import type { RedisUrl } from './values.ts';
import { REDIS_DEFAULTS, REDIS_VARIABLES } from './variables.ts';

interface RedisParts {
  readonly encrypted?: Told<boolean> | undefined;
  readonly host?: Told<string> | undefined;
  readonly port?: Told<number> | undefined;
  readonly user?: Told<string> | undefined;
  readonly password?: Told<string> | undefined;
  readonly database?: Told<number> | undefined;
}

/** Redis's configuration from layers, the strongest first; undefined where no host is told, or with problems. */
export function redisFrom(layers: readonly Layer[], findings: Findings): RedisConfig | undefined {
  const parts = strongest(layers.map((layer) => partsOf(layer, findings)));
  if (!parts.host) return undefined;
  const scheme = parts.encrypted?.value ? 'rediss' : 'redis';
  const user = parts.user ? `${encodeURIComponent(parts.user.value)}@` : '';
  const host = parts.host.value.includes(':') ? `[${parts.host.value}]` : parts.host.value;
  const port = parts.port?.value ?? REDIS_DEFAULTS.port;
  const url = `${scheme}://${user}${host}:${port}/${parts.database?.value ?? REDIS_DEFAULTS.database}`;
  return Object.freeze({ url, password: parts.password?.value });
}

function partsOf(layer: Layer, findings: Findings): RedisParts {
  const told = tellingsOf(layer, REDIS_VARIABLES, findings);
  const url: Partial<RedisUrl> = told.REDIS_URL?.value ?? {};
  const source = told.REDIS_URL?.source ?? '';
  const part = <T>(value: T | undefined) => (value === undefined ? undefined : { value, source });
  return {
    encrypted: part(url.encrypted),
    host: agreed([part(url.host), told.REDIS_HOST], 'hosts', findings),
    port: agreed([part(url.port), told.REDIS_PORT], 'ports', findings),
    user: part(url.user),
    password: agreed([part(url.password), told.REDIS_PASSWORD], 'passwords', findings),
    database: agreed([part(url.database), told.REDIS_DB], 'databases', findings),
  };
}
