import type { Budgets } from '../../config.ts';
import { historyReach } from '../../core/cypher-reach.ts';
import { parseSchema } from '../../core/cypher-schema.ts';
import { type Migration, type Span, type Step, textOf } from '../../core/migration.ts';
import { MigrateError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { isTransient, retrying } from '../../retry.ts';
import { unfinished } from '../unfinished.ts';
import { runBatches } from './batches.ts';
import type { Connection, Options, Work } from './connection.ts';
import { isNameTaken } from './errors.ts';
import type { HistoryNodes } from './history.ts';
import { HistorySnapshot, touchedHistory } from './history-guard.ts';
import type { Lease } from './lease.ts';
import type { Observer } from './observer.ts';
import { Pipeline } from './pipeline.ts';
import { named, placed } from './place.ts';
import {
  abandonedAmong,
  assertNothingOpen,
  assertSchema,
  awaitIndexes,
  type Expectations,
  expectations,
} from './schema.ts';
import { inShortTries } from './short-tries.ts';

export interface Tools {
  readonly connection: Connection;
  readonly nodes: HistoryNodes;
  readonly lease: Lease;
  readonly observer: Observer;
  readonly budgets: Budgets;
  readonly emit: Emit;
}

/** A migration under way under the lease. */
export class Application {
  readonly #tools: Tools;
  readonly #migration: Migration;
  readonly #signal: AbortSignal;

  constructor(tools: Tools, migration: Migration, signal: AbortSignal) {
    this.#tools = tools;
    this.#migration = migration;
    this.#signal = signal;
  }

  async run(from: number, started: boolean): Promise<void> {
    const { nodes, observer, emit } = this.#tools;
    const migration = this.#migration;
    observer.attend(migration.name);
    const [first] = migration.steps;
    if (!started && migration.steps.length === 1 && first?.kind === 'cypher-data') {
      // The history comes first: its unique version stops a second run before it does anything.
      await observer.during(undefined, () =>
        this.#fenced(async (tx, sent) => {
          await sent.add(nodes.create(tx, migration, 'applied', 1));
          await this.#statements(tx, sent, first);
          await sent.add(nodes.completed(tx, migration));
        }),
      );
      return;
    }
    await this.#fenced((tx, sent) =>
      sent.add(started ? nodes.restart(tx, migration, from) : nodes.create(tx, migration, 'started', 0)),
    );
    for (const [index, step] of migration.steps.entries()) {
      if (index < from) continue;
      emit({
        event: 'step',
        database: 'neo4j',
        migration: migration.name,
        step: index + 1,
        steps: migration.steps.length,
      });
      const made = step.kind === 'cypher-schema' ? new Set(expectations(migration, step).keys()) : undefined;
      await observer.during(made, () => this.#step(step, index));
    }
  }

  /** All of it, where its node says that it is there and nobody has run it. Cut off, it is an unfinished one like others. */
  async again(): Promise<void> {
    await this.#fenced((tx, sent) => sent.add(this.#tools.nodes.reopen(tx, this.#migration)));
    await this.run(0, true);
  }

  async #step(step: Step, index: number): Promise<void> {
    const { nodes } = this.#tools;
    const done = (tx: Work, sent: Pipeline) => sent.add(nodes.done(tx, this.#migration, index + 1));
    switch (step.kind) {
      case 'cypher-data':
        await this.#fenced(async (tx, sent) => {
          await done(tx, sent);
          await this.#statements(tx, sent, step);
          if (index + 1 === this.#migration.steps.length) await sent.add(nodes.completed(tx, this.#migration));
        });
        return;
      case 'cypher-schema':
        await this.#schema(step);
        break;
      default:
        await this.#auto(step, index);
    }
    await this.#fenced(done);
  }

  /** Each statement a transaction of its own, all of them replayable; then a look at what is really there. */
  async #schema(step: Step): Promise<void> {
    const { connection } = this.#tools;
    const expected = expectations(this.#migration, step);
    await this.#retrying(async () => void (await this.#heal(expected)));
    for (const span of step.statements) await this.#retrying(() => this.#command(span, expected));
    await awaitIndexes(connection, new Set(expected.keys()), this.#signal);
    await assertSchema(connection, this.#migration, expected, this.#signal);
  }

  async #auto(step: Step, index: number): Promise<void> {
    const { nodes } = this.#tools;
    const span = step.statements[0] ?? { start: 0, end: 0 };
    if (step.replayable)
      return this.#retrying(() => runBatches(this.#tools, this.#migration, span, this.#options(), this.#signal));
    await this.#fenced((tx, sent) => sent.add(nodes.begun(tx, this.#migration, index)));
    // The batches before an error stay.
    await runBatches(this.#tools, this.#migration, span, this.#options(), this.#signal).catch((error) => {
      throw unfinished(error, this.#migration, index);
    });
  }

  async #command(span: Span, expected: Expectations): Promise<void> {
    const { connection, budgets } = this.#tools;
    const patience = this.#migration.directives.ddlLockTimeout ?? budgets.ddlLockTimeout;
    const name = parseSchema(this.#migration.text.slice(span.start, span.end))?.name;
    // Without a name nobody can tell whether it waits or builds.
    if (name === undefined) return this.#alone(span);
    try {
      await inShortTries(connection, { name, patience }, this.#signal, (signal) => this.#alone(span, signal));
    } catch (error) {
      // The try before this one may have been given up in the middle.
      if (!isNameTaken(error) || (await this.#heal(expected)) === 0) throw error;
      throw new MigrateError('busy', (error as MigrateError).message, { cause: error });
    }
  }

  /** Drops what the step's commands would stumble over; returns how many that were. */
  async #heal(expected: Expectations): Promise<number> {
    const { connection, emit } = this.#tools;
    const abandoned = await abandonedAmong(connection, expected, this.#signal);
    for (const index of abandoned) {
      await assertNothingOpen(connection, index, this.#signal);
      emit({ event: 'healing', database: 'neo4j', migration: this.#migration.name, index });
      await connection.autoCommit(`DROP INDEX \`${index.replaceAll('`', '``')}\` IF EXISTS`, this.#signal);
    }
    return abandoned.length;
  }

  async #alone(span: Span, signal = this.#signal): Promise<void> {
    const text = textOf(this.#migration, span);
    await placed(this.#migration, span, this.#tools.connection.autoCommit(text, signal, this.#options()));
  }

  async #statements(tx: Work, sent: Pipeline, step: Step): Promise<void> {
    const migration = this.#migration;
    for (const span of step.statements) {
      const reaches = historyReach(migration.text, span) !== 'none';
      const before = reaches ? HistorySnapshot.read(tx) : undefined;
      if (before !== undefined) await sent.add(before);
      await sent.add(placed(migration, span, tx.execute(textOf(migration, span))));
      if (before !== undefined) await sent.add(this.#untouched(span, before, HistorySnapshot.read(tx)));
    }
  }

  async #untouched(span: Span, before: Promise<HistorySnapshot>, after: Promise<HistorySnapshot>): Promise<void> {
    // The failure of a statement is thrown in its turn.
    after.catch(() => {});
    const difference = (await before).differenceTo(await after);
    if (difference !== undefined)
      throw touchedHistory(this.#migration, span, difference, 'the transaction was rolled back');
  }

  /** A transaction that commits only while the lease is ours: two round trips, one for all that is in it and one for COMMIT. */
  #fenced(work: (tx: Work, sent: Pipeline) => Promise<void>): Promise<void> {
    const { connection, lease } = this.#tools;
    const all = async (tx: Work) => {
      const sent = new Pipeline();
      await work(tx, sent);
      await sent.add(lease.fence(tx));
      await sent.answered();
    };
    return this.#retrying(() => connection.transaction(all, this.#signal, this.#options()).catch(this.#named));
  }

  /** Tries again what certainly did nothing: the server's transient errors, all of which roll back. */
  async #retrying(attempt: () => Promise<void>): Promise<void> {
    const { budgets, observer, emit } = this.#tools;
    await retrying(
      { budget: budgets.ddlLockRetryFor, first: 100, most: 5_000 },
      this.#signal,
      attempt,
      isTransient,
      ({ message }, attempt) =>
        emit({
          event: 'retrying',
          database: 'neo4j',
          migration: this.#migration.name,
          message,
          attempt,
          // Those that only may be in the way stand in the message of the try that was given up.
          blockers: observer.blockers.filter(({ maybe }) => !maybe),
        }),
    );
  }

  #options(): Options {
    return {
      metadata: { migration: this.#migration.name, ...this.#tools.lease.metadata },
      timeout: this.#migration.directives.statementTimeout ?? this.#tools.budgets.statementTimeout,
    };
  }

  readonly #named = (error: unknown): never => {
    throw named(error, this.#migration);
  };
}
