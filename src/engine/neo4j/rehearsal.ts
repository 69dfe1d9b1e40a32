import { randomUUID } from 'node:crypto';
import { type Candidate, type Group, rehearsable } from '../../analysis/rehearsable.ts';
import type { Budgets } from '../../config.ts';
import { historyReach } from '../../core/cypher-reach.ts';
import { parseSchema } from '../../core/cypher-schema.ts';
import type { Migration, Span } from '../../core/migration.ts';
import type { Pending } from '../../core/plan.ts';
import { locate } from '../../core/source.ts';
import { ConnectionLost, MigrateError } from '../../errors.ts';
import type { LeftOut, Rehearsal, Rehearsed } from '../engine.ts';
import type { Connection, Work } from './connection.ts';
import { HistorySnapshot, touchedHistory } from './history-guard.ts';
import { placed } from './place.ts';
import { inShortTries } from './short-tries.ts';

/** What Neo4j says of a constraint that stands in for an index which the same transaction has dropped. */
const CONSTRAINT_FAILED = 'Neo.DatabaseError.Schema.ConstraintCreationFailed';

const LOCKS = `SHOW TRANSACTIONS YIELD metaData, activeLockCount WHERE metaData.rehearsal = $id
RETURN sum(activeLockCount) AS locks`;

/** What is pending, in transactions that are rolled back, as far as that goes (docs/adr/0008). */
export class RehearsalRun {
  readonly #connection: Connection;
  readonly #budgets: Budgets;
  readonly #signal: AbortSignal;
  readonly #statements: Rehearsed[] = [];
  readonly #leftOut: LeftOut[] = [];

  constructor(connection: Connection, budgets: Budgets, signal: AbortSignal) {
    this.#connection = connection;
    this.#budgets = budgets;
    this.#signal = signal;
  }

  async run(pending: readonly Pending[]): Promise<Rehearsal> {
    const { groups, leftOut } = rehearsable(pending);
    for (const { why, ...candidate } of leftOut) this.#leaveOut(candidate, why);
    const before = await this.#schema();
    let failure: MigrateError | undefined;
    try {
      for (const group of groups) await this.#group(group);
    } catch (error) {
      if (!(error instanceof MigrateError) || error instanceof ConnectionLost || this.#signal.aborted) throw error;
      failure = error;
    }
    const left = [...(await this.#schema())].filter((name) => !before.has(name));
    return {
      database: 'neo4j',
      statements: this.#statements,
      leftOut: this.#leftOut,
      remains: left.map(
        (name) => `${name} was not there before: made by somebody else meanwhile, or left behind; look at it`,
      ),
      ...(failure && { failure }),
    };
  }

  async #group({ kind, candidates }: Group): Promise<void> {
    const [first] = candidates;
    const last = candidates.at(-1);
    if (first === undefined || last === undefined) return;
    const id = randomUUID();
    const options = {
      metadata: { migration: first.migration.name, rehearsal: id },
      timeout: first.migration.directives.statementTimeout ?? this.#budgets.statementTimeout,
      rollBack: true,
    };
    const attempt = (signal: AbortSignal) =>
      this.#connection.transaction((tx) => this.#inside(tx, candidates, id), signal, options);
    const name = kind === 'schema' ? parseSchema(textOf(last))?.name : undefined;
    if (name === undefined) return attempt(this.#signal);
    const patience = first.migration.directives.ddlLockTimeout ?? this.#budgets.ddlLockTimeout;
    await inShortTries(this.#connection, { name, patience }, this.#signal, attempt);
  }

  async #inside(tx: Work, candidates: readonly Candidate[], id: string): Promise<void> {
    let dropped = false;
    let held = 0;
    for (const { migration, span } of candidates) {
      const begin = performance.now();
      let counts: Readonly<Record<string, number>>;
      try {
        const before = historyReach(migration.text, span) === 'none' ? undefined : await HistorySnapshot.read(tx);
        counts = (await placed(migration, span, tx.execute(textOf({ migration, span })))) ?? {};
        const difference = before?.differenceTo(await HistorySnapshot.read(tx));
        if (difference !== undefined)
          throw touchedHistory(migration, span, difference, 'the transaction was rolled back');
      } catch (error) {
        // 2026 says so where 5.26 makes the constraint.
        if (!dropped || !(error instanceof MigrateError) || error.server?.code !== CONSTRAINT_FAILED) throw error;
        this.#leaveOut({ migration, span }, `it may need the DROP before it committed (${error.message})`);
        return;
      }
      dropped ||= (counts.indexesRemoved ?? 0) + (counts.constraintsRemoved ?? 0) > 0;
      const tookMs = Math.round(performance.now() - begin);
      const [row] = await this.#connection.readFromLeader(LOCKS, this.#signal, { id });
      const locks = Number(row?.locks ?? 0);
      this.#statements.push({
        migration: migration.name,
        ...at(migration, span),
        tookMs,
        locks: [],
        lockCount: Math.max(locks - held, 0),
        rewrites: [],
        rows: rowsOf(counts),
      });
      held = locks;
    }
  }

  #leaveOut({ migration, span }: Candidate, why: string): void {
    this.#leftOut.push({ migration: migration.name, line: at(migration, span).line, why });
  }

  async #schema(): Promise<ReadonlySet<string>> {
    const indexes = await this.#connection.readFromLeader(
      "SHOW INDEXES YIELD name RETURN 'index ' + name AS name",
      this.#signal,
    );
    const constraints = await this.#connection.readFromLeader(
      "SHOW CONSTRAINTS YIELD name RETURN 'constraint ' + name AS name",
      this.#signal,
    );
    return new Set([...indexes, ...constraints].map(({ name }) => String(name)));
  }
}

function textOf({ migration, span }: Candidate): string {
  return migration.text.slice(span.start, span.end);
}

function at({ text }: Migration, span: Span): { readonly line: number; readonly text: string } {
  return { line: locate(text, span.start).line, text: text.slice(span.start, span.end) };
}

/** Nodes, relationships, properties and labels that were written; not indexes and constraints. */
function rowsOf(counts: Readonly<Record<string, number>>): number {
  const { nodesCreated = 0, nodesDeleted = 0, relationshipsCreated = 0, relationshipsDeleted = 0 } = counts;
  const { propertiesSet = 0, labelsAdded = 0, labelsRemoved = 0 } = counts;
  return (
    nodesCreated +
    nodesDeleted +
    relationshipsCreated +
    relationshipsDeleted +
    propertiesSet +
    labelsAdded +
    labelsRemoved
  );
}
