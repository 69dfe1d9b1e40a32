import { MigrateError } from '../../errors.ts';
import { holderText } from '../../events.ts';
import type { Connection } from './connection.ts';
import { isPopulating } from './schema.ts';
import { openTransactions, suspects } from './transactions.ts';

/** Milliseconds that asking for names may take. */
const ANSWER = 5_000;

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
    const open = await openTransactions(connection, ANSWER).catch(() => []);
    const holders = suspects(open, patience);
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
