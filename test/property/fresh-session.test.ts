import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { inject, onTestFinished, test } from 'vitest';
import { type ClientPrograms, clientPrograms } from '../psql/client-programs.ts';
import { type Choices, directoryChoices, filesOf } from './directories.ts';
import { applyThreeWays } from './three-ways.ts';

const RUNS = Number(process.env.PROPERTY_RUNS ?? 30);
const SEED = Number(process.env.PROPERTY_SEED ?? 1);
/** Milliseconds for each directory. Those that remain are for shrinking. */
const LIMIT = 8_000;

test('each SQL file runs as in a session of its own', { timeout: RUNS * LIMIT + 120_000 }, async (context) => {
  const programs: ClientPrograms | Error = await clientPrograms().catch((error: Error) => error);
  if (programs instanceof Error) {
    console.warn(`Files are not compared with psql: ${programs.message}`);
    return context.skip(programs.message);
  }
  const other = await secondRole();
  console.info(`${RUNS} directories, PROPERTY_SEED=${SEED}`);

  const failures: string[] = [];
  const property = fc.asyncProperty(directoryChoices, async (choices) => {
    const found = await applyThreeWays(programs, filesOf(choices, other), other).catch(({ message }: Error) => [
      message,
    ]);
    if (found.length > 0) failures.push(found.join('\n'));
    return found.length === 0;
  });
  const options = { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: RUNS * LIMIT, markInterruptAsFailure: true };
  const { failed, counterexample, numRuns, interrupted } = await fc.check(property, options);
  if (!failed) return;
  if (counterexample === null)
    throw new Error(`${numRuns} of ${RUNS} directories in time (interrupted: ${interrupted})`);
  // The last failure is that of the smallest directory.
  throw new Error(report(counterexample[0], other, failures.at(-1) ?? ''));
});

function report(choices: Choices, other: string, difference: string): string {
  const files = Object.entries(filesOf(choices, other)).map(([name, text]) => `-- ${name}\n${text}`);
  return `PROPERTY_SEED=${SEED}: this directory (the owner is a member of ${other})\n\n${files.join('\n')}\ngives\n\n${difference}`;
}

/** Every owner of a database may become it; its name is the same for all databases. */
async function secondRole(): Promise<string> {
  const role = `property_${randomBytes(4).toString('hex')}`;
  const client = new pg.Client(inject('postgres').url);
  await client.connect();
  await client.query(`CREATE ROLE ${role}`);
  onTestFinished(async () => {
    await client.query(`DROP ROLE ${role}`);
    await client.end();
  });
  return role;
}
