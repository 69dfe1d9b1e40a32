import type { Socket } from 'node:net';
import { type Entry, framed, type StandIn, standIn } from './stand-in.ts';

/** https://neo4j.com/docs/bolt/current/bolt/message/ */
const REQUESTS: Readonly<Record<number, string>> = {
  1: 'HELLO',
  2: 'GOODBYE',
  15: 'RESET',
  16: 'RUN',
  63: 'PULL',
  106: 'LOGON',
};
const SUCCESS = 0x70;
const RECORD = 0x71;
const DATE_TIME = 0x49;

/** The first message of a client, which has no chunks. */
const HANDSHAKE = 20;

/** A Neo4j 5 without TLS that lets everybody in, and has one answer to every query: the history. */
export function boltStandIn(entries: readonly Entry[]): Promise<StandIn> {
  const nodes = entries.map(({ name, checksum }) => ({
    version: Number.parseInt(name, 10),
    name,
    checksum,
    state: 'applied',
    stepsDone: 1,
    stepsTotal: 1,
    appliedAt: new Structure(DATE_TIME, [1767225600, 0, 0]),
  }));
  const replies: Readonly<Record<string, readonly Structure[]>> = {
    HELLO: [success({ server: 'Neo4j/5.26.0', connection_id: 'bolt-1' })],
    LOGON: [success({})],
    RESET: [success({})],
    RUN: [success({ fields: ['entry'], t_first: 1 })],
    PULL: [
      ...nodes.map((node) => new Structure(RECORD, [[node]])),
      success({ type: 'r', t_last: 1, db: 'neo4j', bookmark: 'rehearsal' }),
    ],
  };
  return standIn((socket) => {
    let greeted = false;
    return framed(
      (pending) => (greeted ? lengthOf(pending) : HANDSHAKE),
      (bytes) => {
        if (greeted) return answer(socket, replies, bytes);
        greeted = true;
        socket.write(Buffer.from([0, 0, 4, 5]));
      },
    );
  });
}

function answer(socket: Socket, replies: Readonly<Record<string, readonly Structure[]>>, bytes: Buffer): void {
  const signature = bytes[3] ?? 0;
  const request = REQUESTS[signature] ?? String(signature);
  if (request === 'GOODBYE') return void socket.end();
  const structures = replies[request];
  if (structures === undefined) throw new Error(`the stand-in for Neo4j does not know the message ${request}`);
  socket.write(Buffer.concat(structures.map((structure) => chunked(packed(structure)))));
}

/** A message is chunks, each behind its length, and an empty one. */
function lengthOf(pending: Buffer): number | undefined {
  for (let at = 0; at + 2 <= pending.length; ) {
    const size = pending.readUInt16BE(at);
    at += 2 + size;
    if (size === 0) return at;
  }
  return undefined;
}

function chunked(body: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([length, body, Buffer.alloc(2)]);
}

class Structure {
  readonly tag: number;
  readonly fields: readonly unknown[];
  constructor(tag: number, fields: readonly unknown[]) {
    this.tag = tag;
    this.fields = fields;
  }
}

function success(metadata: Readonly<Record<string, unknown>>): Structure {
  return new Structure(SUCCESS, [metadata]);
}

/** https://neo4j.com/docs/bolt/current/packstream/, as much of it as the answers need. */
function packed(value: unknown): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([Buffer.from([0xd0, text.length]), text]);
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9, 0xcb);
    bytes.writeBigInt64BE(BigInt(value), 1);
    return bytes;
  }
  if (Array.isArray(value)) return Buffer.concat([Buffer.from([0x90 + value.length]), ...value.map(packed)]);
  if (value instanceof Structure)
    return Buffer.concat([Buffer.from([0xb0 + value.fields.length, value.tag]), ...value.fields.map(packed)]);
  const entries = Object.entries(value as Record<string, unknown>);
  return Buffer.concat([Buffer.from([0xa0 + entries.length]), ...entries.flat().map(packed)]);
}
