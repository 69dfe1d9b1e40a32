import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Something that listens on this machine and answers as a server would. */
export interface StandIn {
  readonly port: number;
  close(): Promise<void>;
}

/** An entry of the history that it tells of. */
export interface Entry {
  readonly name: string;
  readonly checksum: string;
}

/** `serve` begins with each connection, and is given all that comes on it. */
export async function standIn(serve: (socket: Socket) => (data: Buffer) => void): Promise<StandIn> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', serve(socket));
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Calls `message` with each whole message; `lengthOf` says how long the first one is, as far as it can be told yet. */
export function framed(
  lengthOf: (pending: Buffer) => number | undefined,
  message: (bytes: Buffer) => void,
): (data: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  return (data) => {
    pending = Buffer.concat([pending, data]);
    for (;;) {
      const length = lengthOf(pending);
      if (length === undefined || pending.length < length) return;
      const bytes = pending.subarray(0, length);
      pending = pending.subarray(length);
      message(bytes);
    }
  };
}
