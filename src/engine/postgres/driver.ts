import type { Socket } from 'node:net';
import type pg from 'pg';

/** What the types of pg leave out. */
interface DriverConnection extends NodeJS.EventEmitter {
  readonly stream: Socket;
  query(text: string): void;
}

/** A client's connection: https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/connection.js */
export function connectionOf(client: pg.Client): DriverConnection {
  return (client as unknown as { readonly connection: DriverConnection }).connection;
}

/** pg has no way to give a connection up at once; its socket has. */
export function destroy(client: pg.Client): void {
  connectionOf(client).stream.destroy();
}
