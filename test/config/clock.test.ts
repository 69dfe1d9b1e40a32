import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';

const never = new AbortController().signal;

test('now is the time of day, to the second', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
});

test('a sleep ends when its time has come', async () => {
  const begun = systemClock.now();
  await systemClock.sleep(20, never);
  expect(systemClock.now() - begun).toBeGreaterThanOrEqual(19);
});

test("an abort ends a sleep with the signal's own reason", async () => {
  const stop = new AbortController();
  const sleep = systemClock.sleep(60_000, stop.signal);
  const reason = new Error('stopped');
  stop.abort(reason);
  await expect(sleep).rejects.toBe(reason);
});

test('a sleep that was ended keeps no process alive', () => {
  const script = `
    import { systemClock } from ${JSON.stringify(new URL('../../src/clock.ts', import.meta.url).href)};
    const stop = new AbortController();
    const sleep = systemClock.sleep(60_000, stop.signal);
    stop.abort('stopped');
    await sleep.catch(console.log);`;
  const node = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
    encoding: 'utf8',
  });
  expect(node).toMatchObject({ status: 0, stdout: 'stopped\n' });
});

test('a signal that is aborted already ends it at once', async () => {
  const begun = systemClock.now();
  await expect(systemClock.sleep(60_000, AbortSignal.abort('before'))).rejects.toBe('before');
  expect(systemClock.now() - begun).toBeLessThan(1_000);
});
