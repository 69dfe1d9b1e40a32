import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A server of this machine's loopback, at an address that pods reach. */
export interface Gateway {
  readonly host: string;
  readonly port: number;
  open(): Promise<void>;
  /** Ends its connections; new ones are refused. */
  close(): Promise<void>;
}

/** @param target where it leads */
export async function openGateway(
  host: string,
  target: { readonly host: string; readonly port: number },
): Promise<Gateway> {
  const sockets = new Set<Socket>();
  const join = (from: Socket) => {
    const to = connect(target.port, target.host);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => sockets.delete(one));
      one.pipe(other);
    }
  };
  let server: Server | undefined;
  const listen = async (port: number) => {
    server = createServer(join).listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  return {
    host,
    port,
    open: async () => void (await listen(port)),
    close: async () => {
      if (server === undefined) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      server = undefined;
    },
  };
}
