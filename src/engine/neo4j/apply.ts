import type { Budgets } from '../../config.ts';
import { historyReach } from '../../core/cypher-reach.ts';
import { parseSchema } from '../../core/cypher-schema.ts';
import { reportingStatus } from '../../core/cypher-status.ts';
import { type Migration, type Span, type Step, textOf } from '../../core/migration.ts';
import { locate } from '../../core/source.ts';
import { MigrateError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { isTransient, retrying } from '../../retry.ts';
import { unfinished } from '../unfinished.ts';
import { answered, type Connection, type Options, type Work } from './connection.ts';
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

interface Tools {
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
    if (step.replayable) return this.#retrying(() => this.#guarded(span));
    await this.#fenced((tx, sent) => sent.add(nodes.begun(tx, this.#migration, index)));
    // The batches before an error stay.
    await this.#guarded(span).catch((error) => {
      throw unfinished(error, this.#migration, index);
    });
  }

  /** What a statement that commits by itself does to the history cannot be rolled back: it is put back. */
  async #guarded(span: Span): Promise<void> {
    const before = await this.#snapshot();
    try {
      await this.#batches(span);
    } finally {
      const difference = before.differenceTo(await this.#snapshot());
      if (difference !== undefined) await this.#restore(before, span, difference);
    }
  }

  /** Warns of batches that failed, where the statement goes on after them. */
  async #batches(span: Span): Promise<void> {
    const { connection, emit } = this.#tools;
    const { name, text } = this.#migration;
    const reporting = reportingStatus(textOf(this.#migration, span));
    if (reporting === undefined) return this.#alone(span);
    const { query, counts } = reporting;
    const running = connection.autoCommit(query, this.#signal, { ...this.#options(), rows: counts });
    const [row] = await placed(this.#migration, span, running);
    const failed = Number(row?.failed ?? 0);
    const at = `${name}:${locate(text, span.start).line}`;
    if (!counts)
      emit({
        event: 'warning',
        message: `${at}: the statement goes on after batches that fail, and it cannot be seen whether any did`,
        hint: 'let it end with CALL … IN TRANSACTIONS, or report the status yourself',
      });
    if (failed > 0)
      emit({
        event: 'warning',
        message: `${at}: ${failed} ${failed === 1 ? 'batch' : 'batches'} failed and ${failed === 1 ? 'was' : 'were'} rolled back; the first error: ${row?.message}`,
        hint: 'ON ERROR CONTINUE and ON ERROR BREAK count as applied whatever their batches do: look at what is missing, and write it as a new migration',
      });
  }

  /** Not under the run's signal: also what was stopped may have deleted the history. */
  #snapshot(): Promise<HistorySnapshot> {
    const { connection } = this.#tools;
    return connection.transaction((tx) => HistorySnapshot.read(tx), answered(undefined));
  }

  /** @throws MigrateError `failed`, always. */
  async #restore(before: HistorySnapshot, span: Span, difference: string): Promise<never> {
    const { connection, lease } = this.#tools;
    await connection.transaction(async (tx) => {
      await lease.recreate(tx);
      await before.restore(tx);
      await lease.fence(tx);
    }, answered(undefined));
    throw touchedHistory(
      this.#migration,
      span,
      difference,
      'they were put back as they were; what else it has committed stays',
    );
  }

  async #command(span: Span, expected: Expectations): Promise<void> {
    const { connection, budgets } = this.#tools;
    const patience = this.#migration.directives.lockTimeout ?? budgets.ddlLockTimeout;
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
