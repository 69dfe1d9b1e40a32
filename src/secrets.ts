import { parseDatabaseUrl } from './config/database-url.ts';
import { isKnownParameter } from './config/url-parameters.ts';
import { redisUrl } from './config/values.ts';
import { VARIABLES } from './config/variables.ts';
import type { Config, Environment } from './config.ts';
import { printableJson, visible } from './core/characters.ts';

/** Shorter ones are not masked: a text without every "a" is of no use, and its gaps would tell the secret. */
const SHORTEST = 4;

/** What a password may be, in a demonstration, without a mask over every mention of the databases themselves. */
const PUBLIC_WORDS = ['postgres', 'neo4j', 'redis', 'localrag', 'password', 'true', 'false', 'null'];

/**
 * The secrets that must not be printed: those in the environment, read or not, and those that the configuration got
 * from elsewhere (files, `.env`, a prompt). A password that is also the name of a user, a database or a host is not
 * among them: masking it would hide nothing, and break what is printed.
 */
export function collectSecrets(
  env: Environment,
  config: Partial<Pick<Config, 'postgres' | 'neo4j' | 'redis'>> = {},
): readonly string[] {
  const { postgres, neo4j, redis } = config;
  const told = variablesIn(env);
  const secrets = [postgres?.password, neo4j?.password, redis?.password, ...told.secrets];
  const names = ['', postgres?.host, postgres?.database, postgres?.user, neo4j?.user, neo4j?.database, ...told.names];
  const distinct = new Set(secrets.filter((secret) => secret !== undefined));
  return [...distinct].filter((secret) => !names.includes(secret) && !PUBLIC_WORDS.includes(secret));
}

function variablesIn(env: Environment) {
  const secrets: string[] = [];
  const names: string[] = [];
  for (const { name, secret } of Object.values(VARIABLES).flat()) {
    const value = env[name]?.trim() ?? '';
    if (!secret) names.push(value);
    else if (!name.endsWith('_URL')) secrets.push(value);
    else {
      const url = credentialsIn(name, value);
      secrets.push(url.password ?? '');
      names.push(url.user ?? '');
    }
  }
  return { secrets, names };
}

function credentialsIn(
  name: string,
  url: string,
): { readonly user?: string | undefined; readonly password?: string | undefined } {
  try {
    if (name === 'REDIS_URL') return redisUrl(url);
    const { user, password, parameters } = parseDatabaseUrl(url, isKnownParameter);
    const { user: userParameter, password: passwordParameter } = Object.fromEntries(parameters);
    return { user: user ?? userParameter, password: password ?? passwordParameter };
  } catch {
    return /:\/\/[^:]*:(?<password>.*)@/s.exec(url)?.groups ?? {};
  }
}

/** The rest of a URL, up to a space or the end of a JSON string. */
const REST_OF_URL = /:\/\/(?:\\.|[^\s"\\])*/g;
const EXAMPLE = /^:\/\/(?:USER)?:PASSWORD@[^@]*$/;
const MASK = '***';

/** User and password end at the last @: a password may have one, and what is masked too much does no harm. */
function withoutUserinfo(rest: string): string {
  const end = rest.lastIndexOf('@');
  return end === -1 || EXAMPLE.test(rest) ? rest : `://${MASK}${rest.slice(end)}`;
}

/** A text without its secrets, however they are written, and without user and password in any URL. */
export function redact(text: string, secrets: readonly string[]): string {
  const long = secrets.filter((secret) => secret.length >= SHORTEST);
  const spellings = long.flatMap((secret) => [
    encodeURIComponent(secret),
    ...[secret, visible(secret)].flatMap(written),
  ]);
  // The longest first, so that a secret that begins like another one leaves no end behind.
  const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  const masked = longestFirst.reduce((rest, spelling) => rest.replaceAll(spelling, MASK), text);
  return masked.replace(REST_OF_URL, withoutUserinfo);
}

/** As it is in a text, and in JSON. */
function written(text: string): readonly string[] {
  return [text, JSON.stringify(text).slice(1, -1), printableJson(text).slice(1, -1)];
}
