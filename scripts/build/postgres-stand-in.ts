import { createHmac, pbkdf2Sync } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Entry, framed, type StandIn, standIn } from './stand-in.ts';

const SSL_REQUEST = 80877103;
const SALT = Buffer.alloc(16, 7);
const ITERATIONS = 4096;

/** OIDs of what the columns of the answer are. */
const TYPES = { text: 25, int4: 23, bool: 16, jsonb: 3802 } as const;

/**
 * A PostgreSQL without TLS, with SCRAM, and with one answer to every query: how things stand, and the history.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function postgresStandIn(password: string, entries: readonly Entry[]): Promise<StandIn> {
  const rows = entries.map(({ name, checksum }, index) => ({
    id: index + 1,
    filename: name,
    applied_at: '2026-01-01T00:00:00+00:00',
    checksum,
    state: 'applied',
    steps_done: 1,
    steps_total: 1,
  }));
  const columns: readonly (readonly [name: string, type: keyof typeof TYPES, value: string])[] = [
    ['version', 'text', '18.0'],
    ['number', 'int4', '180000'],
    ['pid', 'int4', '1'],
    ['standby', 'bool', 'f'],
    ['database', 'text', 'localrag'],
    ['user', 'text', 'localrag'],
    ['schema', 'text', 'public'],
    ['rows', 'jsonb', JSON.stringify(rows)],
  ];
  const description = columns.map(([name, type]) => Buffer.concat([text(name), field(TYPES[type])]));
  const values = columns.flatMap(([, , value]) => [int32(Buffer.byteLength(value)), Buffer.from(value)]);
  const answer = Buffer.concat([
    message('T', int16(columns.length), ...description),
    message('D', int16(columns.length), ...values),
    message('C', text('SELECT 1')),
    message('Z', Buffer.from('I')),
  ]);
  return standIn((socket) => {
    let begun = false;
    const authentication = scram(socket, password);
    return framed(
      (pending) => (pending.length < 5 ? undefined : begun ? 1 + pending.readInt32BE(1) : pending.readInt32BE(0)),
      (bytes) => {
        if (!begun && bytes.readInt32BE(4) === SSL_REQUEST) return void socket.write('N');
        const type = begun ? String.fromCharCode(bytes[0] ?? 0) : 'startup';
        begun = true;
        if (type === 'startup') socket.write(message('R', int32(10), text('SCRAM-SHA-256'), Buffer.alloc(1)));
        else if (type === 'p') authentication(bytes.subarray(5));
        else if (type === 'Q') socket.write(answer);
        else if (type === 'X') socket.end();
        else throw new Error(`the stand-in for PostgreSQL does not know the message ${type}`);
      },
    );
  });
}

/** RFC 5802, without looking at the client's proof. */
function scram(socket: Socket, password: string): (response: Buffer) => void {
  let first = '';
  return (response) => {
    if (first === '') {
      const bare = response.toString('latin1').replace(/^.*n,[^,]*,/s, '');
      const challenge = `${bare.replace(/^.*r=/, 'r=')}rehearsal,s=${SALT.toString('base64')},i=${ITERATIONS}`;
      first = `${bare},${challenge}`;
      socket.write(message('R', int32(11), Buffer.from(challenge)));
      return;
    }
    const final = response.toString('latin1').replace(/,p=.*$/s, '');
    const salted = pbkdf2Sync(password, SALT, ITERATIONS, 32, 'sha256');
    const key = createHmac('sha256', salted).update('Server Key').digest();
    const signature = createHmac('sha256', key).update(`${first},${final}`).digest('base64');
    const parameters = { server_version: '18.0', client_encoding: 'UTF8', standard_conforming_strings: 'on' };
    socket.write(
      Buffer.concat([
        message('R', int32(12), Buffer.from(`v=${signature}`)),
        message('R', int32(0)),
        ...Object.entries(parameters).map(([name, value]) => message('S', text(name), text(value))),
        message('K', int32(1), int32(1)),
        message('Z', Buffer.from('I')),
      ]),
    );
  };
}

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(4 + body.length), body]);
}

/** What follows a column's name in a RowDescription. */
function field(type: number): Buffer {
  return Buffer.concat([int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}
