import { createClient } from '@redis/client';
import type { RedisConfig } from '../config.ts';
import { MigrateError } from '../errors.ts';
import type { Check } from './engine.ts';

/** LocalRAG's cache has no schema: all there is to know is whether it answers. Throws `unreachable` or `denied`. */
export async function pingRedis(config: RedisConfig, signal: AbortSignal): Promise<readonly Check[]> {
  signal.throwIfAborted();
  const client = createClient({
    url: config.url,
    ...(config.password !== undefined && { password: config.password }),
    disableOfflineQueue: true,
    socket: { connectTimeout: 5_000, reconnectStrategy: false },
  });
  // Its promise tells what matters; without a listener the event would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.ping();
    return [{ name: 'reachable', ok: true, detail: 'answers PING' }];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const denied = /WRONGPASS|NOAUTH|NOPERM/.test(message);
    throw new MigrateError(denied ? 'denied' : 'unreachable', `Redis: ${message}`, {
      cause: error,
      hint: denied ? 'check REDIS_PASSWORD' : 'check REDIS_URL or REDIS_HOST and REDIS_PORT, and that the server runs',
    });
  } finally {
    client.destroy();
  }
}
