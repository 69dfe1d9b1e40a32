import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { directoryOf, run, start } from '../program.ts';

// A mesh's proxy, as far as the program sees one: it is asked to end at /quitquitquit.
interface Sidecar {
  readonly url: string;
  readonly asked: readonly string[];
}

async function sidecar(port = 0, status = 200): Promise<Sidecar> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status).end();
  });
  await listening(server, port);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/quitquitquit`, asked };
}

async function listening(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
}

/** Nobody listens there. */
const CONFIGURED = {
  DATABASE_URL: 'postgresql://app:correct-horse@127.0.0.1:1/localrag',
  NEO4J_URI: 'bolt://127.0.0.1:1',
  NEO4J_PASSWORD: 'battery-staple',
};

describe('a sidecar is asked to end, once', () => {
  test.each([
    ['a success', ['validate'], {}, EXIT.ok],
    ['a wrong flag', ['migrate', '--frobnicate'], {}, EXIT.usage],
    ['a configuration that is not valid', ['migrate'], {}, EXIT.config],
    ['databases that do not come', ['wait'], { ...CONFIGURED, WAIT_TIMEOUT: '1ms' }, EXIT.unreachable],
  ])('after %s', async (_what, args, env, { code }) => {
    const { url, asked } = await sidecar();
    const MIGRATIONS_DIR = await directoryOf({ '001_first.sql': 'SELECT 1;\n-- Rollback:\n-- SELECT 1;\n' });
    const ended = await run(args, { env: { MIGRATIONS_DIR, ...env, SIDECAR_QUIT_URL: url } });
    expect(ended.code, ended.stderr).toBe(code);
    expect(asked).toEqual(['POST /quitquitquit']);
  });

  test('after a stop', async () => {
    const { url, asked } = await sidecar();
    const running = start(['wait'], { env: { ...CONFIGURED, SIDECAR_QUIT_URL: url } });
    await running.event('waiting');
    running.process.kill('SIGTERM');
    expect((await running.ended).code).toBe(EXIT.terminated.code);
    expect(asked).toEqual(['POST /quitquitquit']);
  });

  test('though it starts only when the program has failed already', async () => {
    const reserved = createServer();
    await listening(reserved, 0);
    const late = (reserved.address() as AddressInfo).port;
    await new Promise((resolve) => reserved.close(resolve));
    const running = start(['migrate'], { env: { SIDECAR_QUIT_URL: `http://127.0.0.1:${late}/quitquitquit` } });
    await running.event('error');
    const { asked } = await sidecar(late);
    expect((await running.ended).code).toBe(EXIT.config.code);
    expect(asked).toEqual(['POST /quitquitquit']);
  });

  test('whatever it answers', async () => {
    const { url, asked } = await sidecar(0, 500);
    expect((await run(['--version'], { env: { SIDECAR_QUIT_URL: url } })).code).toBe(EXIT.ok.code);
    expect(asked).toEqual(['POST /quitquitquit']);
  });
});

test('a sidecar that is not there is given some seconds, and changes nothing', async () => {
  const began = performance.now();
  const ended = await run(['migrate', '--frobnicate'], { env: { SIDECAR_QUIT_URL: 'http://127.0.0.1:1/' } });
  expect(ended.code).toBe(EXIT.usage.code);
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('a sidecar that hangs is given some seconds, and changes nothing', async () => {
  const server = createServer(() => {});
  await listening(server, 0);
  onTestFinished(() => server.closeAllConnections());
  const SIDECAR_QUIT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  expect((await run(['--version'], { env: { SIDECAR_QUIT_URL } })).code).toBe(EXIT.ok.code);
});

test.each(['https://127.0.0.1/', 'http://mesh.example/quit', 'quitquitquit'])('%s is no sidecar', async (url) => {
  const { code, stderr } = await run(['migrate'], { env: { ...CONFIGURED, SIDECAR_QUIT_URL: url } });
  expect(code).toBe(EXIT.config.code);
  expect(stderr).toContain('SIDECAR_QUIT_URL is not a URL of this machine');
});
