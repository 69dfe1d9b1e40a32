/** One message of a protocol, as it stands on the wire, and what it is. */
interface Frame {
  readonly bytes: Buffer;
  readonly name: string;
}

/** Cuts one direction of a connection into messages; keeps what is not complete yet. */
export interface FrameReader {
  push(chunk: Buffer): Frame[];
}

export type Direction = 'up' | 'down';

/** Length of the first message of `pending` in bytes, or undefined when it is not complete; and how to call it. */
type Cut = (pending: Buffer) => { readonly length: number; readonly name: string } | undefined;

function reader(cut: Cut): FrameReader {
  let pending: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      pending = Buffer.concat([pending, chunk]);
      const frames: Frame[] = [];
      for (;;) {
        const next = cut(pending);
        if (next === undefined || next.length > pending.length) return frames;
        frames.push({ bytes: pending.subarray(0, next.length), name: next.name });
        pending = pending.subarray(next.length);
      }
    },
  };
}

const POSTGRES_NAMES: Readonly<Record<Direction, Readonly<Record<string, string>>>> = {
  up: { p: 'Password', Q: 'Query', X: 'Terminate' },
  down: {
    R: 'Authentication',
    S: 'ParameterStatus',
    K: 'BackendKeyData',
    Z: 'ReadyForQuery',
    C: 'CommandComplete',
    T: 'RowDescription',
    D: 'DataRow',
    N: 'Notice',
    E: 'Error',
  },
};

/** https://www.postgresql.org/docs/current/protocol-message-formats.html; without TLS. */
export function postgresFrames(direction: Direction): FrameReader {
  // The first message of a client has no type byte.
  let begun = direction === 'down';
  return reader((pending) => {
    if (!begun) {
      if (pending.length < 4) return undefined;
      const length = pending.readInt32BE(0);
      begun = pending.length >= length;
      return { length, name: 'Startup' };
    }
    if (pending.length < 5) return undefined;
    const length = 1 + pending.readInt32BE(1);
    const type = String.fromCharCode(pending[0] ?? 0);
    const name = POSTGRES_NAMES[direction][type] ?? type;
    return { length, name: type === 'Q' ? `${name} ${shortened(pending.toString('utf8', 5, length - 1))}` : name };
  });
}

const BOLT_NAMES: Readonly<Record<number, string>> = {
  1: 'HELLO',
  2: 'GOODBYE',
  15: 'RESET',
  16: 'RUN',
  17: 'BEGIN',
  18: 'COMMIT',
  19: 'ROLLBACK',
  47: 'DISCARD',
  63: 'PULL',
  84: 'TELEMETRY',
  102: 'ROUTE',
  106: 'LOGON',
  107: 'LOGOFF',
  112: 'SUCCESS',
  113: 'RECORD',
  126: 'IGNORED',
  127: 'FAILURE',
};

/** https://neo4j.com/docs/bolt/current/bolt/message/: a handshake, then messages in chunks that an empty chunk ends. */
export function boltFrames(direction: Direction): FrameReader {
  const handshake = direction === 'up' ? clientHandshake() : serverHandshake();
  let greeted = false;
  return reader((pending) => {
    if (!greeted) {
      const length = handshake(pending);
      if (length === 'done') greeted = true;
      else if (length === undefined || pending.length < length) return undefined;
      else return { length, name: 'handshake' };
    }
    return boltMessage(pending);
  });
}

function boltMessage(pending: Buffer): ReturnType<Cut> {
  const parts: Buffer[] = [];
  for (let at = 0; at + 2 <= pending.length; ) {
    const size = pending.readUInt16BE(at);
    at += 2;
    if (size === 0) {
      const body = Buffer.concat(parts);
      return { length: at, name: body.length === 0 ? 'NOOP' : boltName(body) };
    }
    parts.push(pending.subarray(at, at + size));
    at += size;
  }
  return undefined;
}

type Handshake = (pending: Buffer) => number | 'done' | undefined;

/** 0x000001FF in the server's answer: a list of versions follows, and the client chooses (handshake manifest v1). */
const MANIFEST = 0x1ff;

/** The magic with four proposals; then, after a manifest, the choice, which no message can be taken for: it has no size 0. */
function clientHandshake(): Handshake {
  let stage = 0;
  return (pending) => {
    if (stage === 0) {
      if (pending.length < 20) return undefined;
      stage = 1;
      return 20;
    }
    if (stage === 2) return 'done';
    if (pending.length < 5) return undefined;
    stage = 2;
    // A choice begins with 00 00; the first message of a client is never empty.
    return pending.readUInt16BE(0) === 0 ? 4 + varint(pending, 4) : 'done';
  };
}

function serverHandshake(): Handshake {
  let answered = false;
  return (pending) => {
    if (answered) return 'done';
    if (pending.length < 5 && !(pending.length === 4 && pending.readUInt32BE(0) !== MANIFEST)) return undefined;
    if (pending.readUInt32BE(0) !== MANIFEST) {
      answered = true;
      return 4;
    }
    const versions = 5 + 4 * (pending[4] ?? 0);
    if (pending.length <= versions) return undefined;
    answered = true;
    return versions + varint(pending, versions);
  };
}

/** Bytes of the variable-length integer at `at`. */
function varint(bytes: Buffer, at: number): number {
  let length = 1;
  while (((bytes[at + length - 1] ?? 0) & 0x80) !== 0) length += 1;
  return length;
}

function boltName(body: Buffer): string {
  const signature = body[1] ?? 0;
  const name = BOLT_NAMES[signature] ?? `0x${signature.toString(16)}`;
  return name === 'RUN' ? `RUN ${shortened(packedString(body, 2))}` : name;
}

/** A PackStream string: https://neo4j.com/docs/bolt/current/packstream/#data-type-string. */
function packedString(body: Buffer, at: number): string {
  const marker = body[at] ?? 0;
  if (marker >= 0x80 && marker <= 0x8f) return body.toString('utf8', at + 1, at + 1 + (marker & 0x0f));
  const width = { 208: 1, 209: 2, 210: 4 }[marker];
  if (width === undefined) return '';
  const start = at + 1 + width;
  return body.toString('utf8', start, start + body.readUIntBE(at + 1, width));
}

/** Both ends of a text, on one line, without what differs from run to run. */
function shortened(text: string): string {
  const line = text
    .replace(/\s+/g, ' ')
    .replace(/test_[0-9a-f]{12}/g, 'test')
    .replace(/\d{4,}/g, '#');
  return line.length <= 130 ? line : `${line.slice(0, 70)} … ${line.slice(-55)}`;
}
