import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Delay {
  readonly port: number;
  close(): Promise<void>;
}

/** Stands in front of a server and holds all that passes for half of `roundTrip` milliseconds, in each direction. */
export async function delay(
  target: { readonly host: string; readonly port: number },
  roundTrip: number,
): Promise<Delay> {
  const sockets = new Set<Socket>();
  const later = (from: Socket, to: Socket) => {
    from.on('data', (data) => setTimeout(() => to.writable && to.write(data), roundTrip / 2));
    from.on('end', () => setTimeout(() => to.end(), roundTrip / 2));
    from.on('error', () => to.destroy());
    from.setNoDelay(true);
    sockets.add(from);
    from.once('close', () => sockets.delete(from));
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const other = connect({ ...target, allowHalfOpen: true });
    later(client, other);
    later(other, client);
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
