import { expect, onTestFinished, test } from 'vitest';
import { freshPostgres, postgresEnv } from '../journeys/pair.ts';
import { directoryOf, start } from '../program.ts';
import { postgresFrames } from './frames.ts';
import { FaultyProxy } from './proxy.ts';

test('a stop that is quicker than the statement it stops is heard all the same', async () => {
  const postgres = await freshPostgres({ extensions: [] });
  const proxy = await FaultyProxy.open(postgresFrames, postgres);
  onTestFinished(() => proxy.close());
  const MIGRATIONS_DIR = await directoryOf({ '001_slow.sql': 'SELECT pg_sleep(300);\n' });
  const env = { ...postgresEnv(postgres), POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: String(proxy.port) };
  const cancelled = Promise.withResolvers<void>();
  const run = start(['postgres', 'migrate'], { env: { ...env, POSTGRES_SSLMODE: 'disable', MIGRATIONS_DIR } });
  proxy.watch = async ({ direction, name, request }) => {
    if (direction === 'down' && request.includes('pg_cancel_backend')) cancelled.resolve();
    if (direction === 'up' && /^Query BEGIN.*001_slow/.test(name)) {
      run.process.kill('SIGTERM');
      await cancelled.promise;
    }
    return true;
  };
  const { code, events } = await run.ended;
  expect(code).toBe(143);
  // Where nothing was cancelled, the connection is dropped in the end, and nothing given back.
  expect(events).toContainEqual(expect.objectContaining({ event: 'unlocked', database: 'postgres' }));
});
