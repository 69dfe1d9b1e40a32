import { onTestFinished } from 'vitest';
import { boltFrames, postgresFrames } from '../faults/frames.ts';
import { FaultyProxy, type Protocol } from '../faults/proxy.ts';

/** How often one side waited for the other: what a network's latency is paid for. */
interface RoundTrips {
  readonly port: number;
  /** How often the client spoke and had to wait for an answer since the last `reset`, over all connections. */
  readonly count: number;
  readonly connections: number;
  /** What it said, a line for each message. */
  readonly said: readonly string[];
  reset(): void;
}

/** How a client is expected to talk: whether it waits for an answer after it has said this, given all it has said before. */
type Waits = (name: string, before: readonly string[]) => boolean;

const SPEECH: Readonly<Record<'postgres' | 'bolt', { readonly protocol: Protocol; readonly waits: Waits }>> = {
  postgres: { protocol: postgresFrames, waits: () => true },
  bolt: { protocol: boltFrames, waits: waitsInBolt },
};

/**
 * A choice of version and HELLO are followed by LOGON, RUN by PULL, and all of a transaction by a statement about a lock, or by
 * the question which indexes there are. What ends a transaction that has only read is waited for by what comes next.
 */
function waitsInBolt(name: string, before: readonly string[]): boolean {
  if (name === 'handshake') return !before.includes('handshake');
  if (['HELLO', 'BEGIN', 'ROLLBACK', 'GOODBYE'].includes(name) || name.startsWith('RUN ')) return false;
  const open = before.lastIndexOf('BEGIN') > Math.max(before.lastIndexOf('COMMIT'), before.lastIndexOf('ROLLBACK'));
  return (
    name !== 'PULL' ||
    !open ||
    /_MigrationLease|l\.token AS token|^RUN MERGE \(b:|b\.turn|TERMINATE|SHOW INDEXES YIELD name RETURN/.test(
      before.at(-1) ?? '',
    )
  );
}

/**
 * A proxy in front of a server that counts. It holds answers back until the client has said all that it is expected to say
 * without them: a client that waits earlier waits for ever. So the count does not depend on who is quicker.
 */
export async function roundTrips(
  server: 'postgres' | 'bolt',
  target: { readonly host: string; readonly port: number },
): Promise<RoundTrips> {
  const { protocol, waits } = SPEECH[server];
  const proxy = await FaultyProxy.open(protocol, target);
  onTestFinished(() => proxy.close());
  let links = new Map<object, Link>();
  proxy.watch = async ({ direction, name }, connection) => {
    const link = links.get(connection) ?? new Link();
    links.set(connection, link);
    if (direction === 'down') await link.answer();
    else link.say(name, waits(name, link.said));
    return true;
  };
  return {
    port: proxy.port,
    get count() {
      return [...links.values()].reduce((sum, { count }) => sum + count, 0);
    },
    get connections() {
      return links.size;
    },
    get said() {
      return [...links.values()].flatMap(({ said }) => said);
    },
    reset: () => {
      links = new Map();
    },
  };
}

class Link {
  readonly said: string[] = [];
  count = 0;
  #speaking = Promise.withResolvers<void>();
  #answered = false;

  say(name: string, waits: boolean): void {
    if (this.#answered) this.#speaking = Promise.withResolvers();
    this.#answered = false;
    this.said.push(name);
    if (waits) this.#speaking.resolve();
  }

  async answer(): Promise<void> {
    await this.#speaking.promise;
    if (!this.#answered) this.count += 1;
    this.#answered = true;
  }
}
