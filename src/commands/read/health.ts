import type { Check } from '../../engine/engine.ts';
import { pingRedis } from '../../engine/redis.ts';
import { type ErrorKind, MigrateError } from '../../errors.ts';
import type { LookContext, Report } from '../context.ts';

interface Health {
  readonly database: string;
  readonly kind: 'ok' | ErrorKind;
  readonly checks: readonly Check[];
}

/** One look at each database, without waiting; ends with one line for each, `true` or `false`. */
export async function health({ engines, config, signal }: LookContext): Promise<Report> {
  const redis = config.redis;
  const all = await Promise.all([
    ...engines.map((engine) => healthOf(engine.database, () => engine.health(signal))),
    ...(redis === undefined ? [] : [healthOf('redis', () => pingRedis(redis, signal))]),
  ]);
  const text = [
    ...all.flatMap(({ database, checks }) => [`${database}:`, ...checks.flatMap(describe)]),
    '',
    ...all.map(({ database, kind }) => `${database}: ${kind === 'ok'}`),
  ];
  return {
    kind: all.find(({ kind }) => kind !== 'ok')?.kind ?? 'ok',
    text,
    data: { databases: all.map(({ database, kind, checks }) => ({ database, ok: kind === 'ok', checks })) },
    problems: all.flatMap(({ database, checks }) =>
      checks.flatMap(({ ok, name, detail, hint }) =>
        ok ? [] : [{ message: `${database}, ${name}: ${detail}`, ...(hint && { hint }) }],
      ),
    ),
  };
}

async function healthOf(database: string, look: () => Promise<readonly Check[]>): Promise<Health> {
  try {
    const checks = await look();
    // What a check misses is a right or an extension.
    return { database, kind: checks.every(({ ok }) => ok) ? 'ok' : 'denied', checks };
  } catch (error) {
    if (!(error instanceof MigrateError) || error.kind === 'terminated' || error.kind === 'interrupted') throw error;
    const { kind, message, hint } = error;
    return { database, kind, checks: [{ name: 'reachable', ok: false, detail: message, ...(hint && { hint }) }] };
  }
}

function describe({ name, ok, detail, hint }: Check): readonly string[] {
  return [`  ${ok ? 'ok  ' : 'FAIL'} ${name}: ${detail}`, ...(hint ? [`       ${hint}`] : [])];
}
