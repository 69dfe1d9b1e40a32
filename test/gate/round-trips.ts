import { onTestFinished } from 'vitest';
import { boltFrames, postgresFrames } from '../faults/frames.ts';
import { FaultyProxy, type Protocol } from '../faults/proxy.ts';

/** How often one side waited for the other: what a network's latency is paid for. */
export interface RoundTrips {
  readonly port: number;
  /** How often the client spoke and had an answer since the last `reset`, over all connections. */
  readonly count: number;
  readonly connections: number;
  /** What it said, a line for each message. */
  readonly said: readonly string[];
  reset(): void;
}

/** A proxy in front of a server that counts. */
export async function roundTrips(
  protocol: 'postgres' | 'bolt',
  target: { readonly host: string; readonly port: number },
): Promise<RoundTrips> {
  const protocols: Readonly<Record<string, Protocol>> = { postgres: postgresFrames, bolt: boltFrames };
  const proxy = await FaultyProxy.open(protocols[protocol] as Protocol, target);
  onTestFinished(() => proxy.close());
  let count = 0;
  let said: string[] = [];
  const speaking = new Map<object, 'up' | 'down'>();
  proxy.watch = ({ direction, name }, link) => {
    if (direction === 'up') said.push(name);
    else if (speaking.get(link) === 'up') count += 1;
    speaking.set(link, direction);
    return true;
  };
  return {
    port: proxy.port,
    get count() {
      return count;
    },
    get connections() {
      return speaking.size;
    },
    get said() {
      return said;
    },
    reset: () => {
      count = 0;
      said = [];
      speaking.clear();
    },
  };
}
