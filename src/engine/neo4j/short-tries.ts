import { MigrateError } from '../../errors.ts';
import { type Holder, holderText } from '../../events.ts';
import type { Connection } from './connection.ts';
import { isPopulating } from './schema.ts';

/**
 * A schema command that waits for an open transaction on its label waits without limit, and every writer of the label
 * stands in line behind it. So it is given up after `patience` milliseconds, unless it has its lock and builds already:
 * that takes as long as it takes.
 *
 * Throws `busy`, which names the transactions that may be in the way; nothing of the command is left then.
 */
export async function inShortTries(
  connection: Connection,
  { name, patience }: { readonly name: string; readonly patience: number },
  signal: AbortSignal,
  command: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const giveUp = new AbortController();
  const timer = setTimeout(async () => {
    // A server that does not answer now is no reason to end what it may be building.
    if (await isPopulating(connection, name, signal).catch(() => true)) return;
    const holders = await openLonger(connection, patience, signal).catch(() => []);
    giveUp.abort(
      new MigrateError(
        'busy',
        `open transactions hold the label of ${name} for longer than ${patience} ms${holders.map((holder) => `; ${holderText(holder)}`).join('')}`,
        { hint: 'run migrate again when they are done, or end them: SHOW TRANSACTIONS, TERMINATE TRANSACTIONS' },
      ),
    );
  }, patience);
  try {
    await command(AbortSignal.any([signal, giveUp.signal]));
  } finally {
    clearTimeout(timer);
  }
}

/** Transactions of others that hold locks for so long already. Which of them is in the way the server does not say. */
async function openLonger(
  connection: Connection,
  milliseconds: number,
  signal: AbortSignal,
): Promise<readonly Holder[]> {
  const rows = await connection.read(
    `SHOW TRANSACTIONS YIELD database, clientAddress, username, metaData, startTime, elapsedTime, currentQuery, activeLockCount
     WHERE database = $database AND metaData.token IS NULL AND activeLockCount > 0 AND elapsedTime.milliseconds >= $milliseconds
     RETURN clientAddress AS host, username AS user, toString(startTime) AS since, left(currentQuery, 200) AS doing`,
    signal,
    { database: connection.database, milliseconds },
  );
  return rows as unknown as readonly Holder[];
}
