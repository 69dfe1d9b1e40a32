import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Direction, FrameReader } from './frames.ts';

/** A message on its way through a proxy. */
interface Message {
  readonly direction: Direction;
  /** Among the messages of this direction through this proxy, over all of its connections, from 1. */
  readonly number: number;
  readonly name: string;
  /** The last message of the client on this connection: what a reply belongs to. */
  readonly request: string;
}

/** What can be done to the connection that a message is on. */
export interface Link {
  /** Resets the connection to both sides. */
  cut(): void;
  /** As `cut`, at the first message that the server sends from now on. */
  cutAtReply(): void;
  /**
   * Forwards nothing any more, in neither direction, and leaves the connection open to the client for good and to the
   * server for `noticed` milliseconds: what its keepalive takes to find out.
   */
  silence(noticed: number): void;
  /** Sends these bytes to the client and closes both sides. */
  answer(bytes: Buffer): void;
  /** Sends these bytes to the client in the server's place, behind what the server still has to answer; the connection goes on. */
  refuse(bytes: Buffer): Promise<void>;
}

/** Whether the message goes on to the other side; the message and what follows it wait for the promise. */
export type Watch = (message: Message, link: Link) => Promise<boolean> | boolean;

/** Both directions, cut into messages. */
export type Protocol = (direction: Direction) => FrameReader;

/** Stands between the program and a server, and does to any message what `watch` wants. */
export class FaultyProxy {
  watch: Watch = () => true;
  readonly #protocol: Protocol;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #counts: Record<Direction, number> = { up: 0, down: 0 };

  private constructor(protocol: Protocol, target: { readonly host: string; readonly port: number }) {
    this.#protocol = protocol;
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  static async open(
    protocol: Protocol,
    target: { readonly host: string; readonly port: number },
  ): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(protocol, target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resets what is still open, silent connections among them, as peers' keepalive does in the end; takes no new ones. */
  async close(): Promise<void> {
    for (const connection of this.#connections) connection.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const server = connect({ ...this.#target, allowHalfOpen: true });
    const connection = new Connection(client, server);
    this.#connections.add(connection);
    void connection.pump('up', this.#protocol('up'), (name) => this.#seen(connection, 'up', name));
    void connection.pump('down', this.#protocol('down'), (name) => this.#seen(connection, 'down', name));
    // Not when both have nothing more to say: a silent client may have said so and still be open, and close() waits for it.
    for (const socket of [client, server])
      socket.once('close', () => {
        if (client.destroyed && server.destroyed) this.#connections.delete(connection);
      });
  }

  #seen(connection: Connection, direction: Direction, name: string): Promise<boolean> | boolean {
    this.#counts[direction] += 1;
    const { request } = connection;
    return this.watch({ direction, number: this.#counts[direction], name, request }, connection);
  }
}

class Connection implements Link {
  /** Name of the client's last message. */
  request = '';
  readonly #client: Socket;
  readonly #server: Socket;
  #silent = false;
  #cutAtReply = false;
  /** PostgreSQL's messages that the server has not answered. */
  #queries = 0;
  #answered = Promise.withResolvers<void>();

  constructor(client: Socket, server: Socket) {
    this.#client = client;
    this.#server = server;
    for (const socket of [client, server]) socket.setNoDelay(true);
    // Whatever ends one side ends the other one; the pumps, which wait for both, have their errors from the same sockets.
    client.on('error', () => this.#reset(server));
    server.on('error', () => this.#reset(client));
  }

  cut(): void {
    this.#silent = true;
    reset(this.#client);
    reset(this.#server);
  }

  cutAtReply(): void {
    this.#cutAtReply = true;
  }

  silence(noticed: number): void {
    this.#silent = true;
    const timer = setTimeout(() => reset(this.#server), noticed);
    this.#server.once('close', () => clearTimeout(timer));
  }

  answer(bytes: Buffer): void {
    this.#silent = true;
    this.#client.end(bytes);
    reset(this.#server);
  }

  async refuse(bytes: Buffer): Promise<void> {
    while (this.#queries > 0) await this.#answered.promise;
    this.#client.write(bytes);
  }

  async pump(
    direction: Direction,
    frames: FrameReader,
    seen: (name: string) => Promise<boolean> | boolean,
  ): Promise<void> {
    const [from, to] = direction === 'up' ? [this.#client, this.#server] : [this.#server, this.#client];
    try {
      for await (const chunk of from) {
        for (const { bytes, name } of frames.push(chunk as Buffer)) {
          if (this.#silent) continue;
          if (direction === 'up') this.request = name;
          if (direction === 'down' && this.#cutAtReply) this.cut();
          const goesOn = await seen(name);
          if (!goesOn || this.#silent || !to.writable) continue;
          to.write(bytes);
          this.#count(name);
        }
      }
      if (!this.#silent) to.end();
    } catch {
      // A reset; the listeners for errors have passed it on.
    }
  }

  #count(name: string): void {
    if (name.startsWith('Query ')) this.#queries += 1;
    if (name !== 'ReadyForQuery' || this.#queries === 0) return;
    this.#queries -= 1;
    this.#answered.resolve();
    this.#answered = Promise.withResolvers();
  }

  #reset(socket: Socket): void {
    if (!this.#silent) reset(socket);
  }
}

/** At once: resetAndDestroy alone waits until everything has been written, which a peer that does not read puts off for ever. */
function reset(socket: Socket): void {
  socket.resetAndDestroy();
  socket.destroy();
}
