import type { Migration, Span } from '../../core/migration.ts';
import type { Pending } from '../../core/plan.ts';
import { locate } from '../../core/source.ts';
import { outline, readSql } from '../../core/sql.ts';
import { refusedInTransaction } from '../../core/sql-transaction.ts';
import { ConnectionLost, MigrateError } from '../../errors.ts';
import { holderText } from '../../events.ts';
import type { LeftOut, Rehearsal, Rehearsed } from '../engine.ts';
import type { Tools } from './apply.ts';
import { Observation } from './observation.ts';
import { placed } from './place.ts';
import { APPLICATION } from './session.ts';
import { DISCARD, RESET } from './session-state.ts';

/** Refused inside of a transaction: some statements depend on what they find, DO and CALL on whether they commit. */
const NOT_IN_TRANSACTION = new Set(['25001', '2D000']);
/** A value of an enum that this transaction has added may not be used yet. */
const NEW_ENUM_VALUE = '55P04';

/** All that is pending, statement by statement, in one transaction: later files need what earlier ones make. */
export class RehearsalRun {
  readonly #tools: Tools;
  readonly #signal: AbortSignal;
  readonly #statements: Rehearsed[] = [];
  readonly #leftOut: LeftOut[] = [];

  constructor(tools: Tools, signal: AbortSignal) {
    this.#tools = tools;
    this.#signal = signal;
  }

  async run(pending: readonly Pending[]): Promise<Rehearsal> {
    const { session } = this.#tools;
    const before = await this.#sequences();
    let failure: MigrateError | undefined;
    await session.ask('BEGIN', this.#signal);
    try {
      await this.#all(pending, await Observation.begin(session, this.#signal));
    } catch (error) {
      if (!(error instanceof MigrateError) || error instanceof ConnectionLost || this.#signal.aborted) throw error;
      failure = error;
    } finally {
      // Whatever happened; a session that is gone has rolled back by itself.
      if (!session.lost.aborted) await session.ask('ROLLBACK').catch(() => session.destroy());
    }
    return {
      database: 'postgres',
      statements: this.#statements,
      leftOut: this.#leftOut,
      remains: moved(before, await this.#sequences()),
      ...(failure && { failure }),
    };
  }

  async #all(pending: readonly Pending[], observation: Observation): Promise<void> {
    for (const [index, each] of pending.entries()) {
      if (await this.#file(each, observation)) continue;
      for (const { migration } of pending.slice(index + 1))
        this.#leftOut.push({
          migration: migration.name,
          line: 1,
          why: 'it may need what could not be rehearsed before it',
        });
      return;
    }
  }

  /** Whether the whole file could be rehearsed. */
  async #file({ migration, from }: Pending, observation: Observation): Promise<boolean> {
    const { session, settings, lock, emit } = this.#tools;
    const begin = performance.now();
    await session.ask([...RESET, ...settings, ...DISCARD, this.#local(migration)].join(';'), this.#signal);
    const spans = spansOf(migration, from);
    for (const [index, span] of spans.entries()) {
      const why = await this.#statement(migration, span, observation);
      if (why === undefined) continue;
      this.#leaveOut(migration, span, why);
      for (const later of spans.slice(index + 1))
        this.#leaveOut(migration, later, 'it may need what could not be rehearsed before it');
      return false;
    }
    // As the file's own COMMIT would: deferred constraints are checked, settings end, the lock must still be held.
    const [row] = await session.ask(DEFERRED, this.#signal);
    const restored = row?.names ? `;SET CONSTRAINTS ${row.names} DEFERRED` : '';
    await this.#placed(
      migration,
      undefined,
      [`SET CONSTRAINTS ALL IMMEDIATE${restored}`, ...RESET, ...settings, lock.fence()].join(';'),
    );
    emit({
      event: 'rehearsed',
      database: 'postgres',
      migration: migration.name,
      tookMs: Math.round(performance.now() - begin),
    });
    return true;
  }

  /** Runs one statement; a text says why it cannot be rehearsed. */
  async #statement(migration: Migration, span: Span, observation: Observation): Promise<string | undefined> {
    const { text, name } = migration;
    const refused = refusedInTransaction(text, span);
    if (refused !== undefined) return `PostgreSQL refuses ${refused} inside of a transaction`;
    const begin = performance.now();
    const sql = text.slice(span.start, span.end);
    try {
      await this.#placed(migration, span, sql);
    } catch (error) {
      const code = error instanceof MigrateError ? error.server?.code : undefined;
      if (code !== undefined && NOT_IN_TRANSACTION.has(code))
        return `inside of a transaction it is refused: ${(error as Error).message}`;
      if (code === NEW_ENUM_VALUE && !addsEnumValue(migration))
        return 'it uses a value that an earlier file adds to an enum, which has to be committed first';
      throw error;
    }
    const tookMs = Math.round(performance.now() - begin);
    this.#statements.push({
      migration: name,
      ...at(migration, span),
      tookMs,
      ...(await observation.next(this.#signal)),
    });
    return undefined;
  }

  /** Errors say where in the file they were, and who held the lock that was not had. */
  async #placed(migration: Migration, span: Span | undefined, sql: string): Promise<void> {
    const { session, observer, budgets } = this.#tools;
    observer.attend(migration.name, migration.directives.ddlLockTimeout ?? budgets.ddlLockTimeout);
    observer.forget();
    const message = session.send(sql);
    try {
      await session.answered(message, this.#signal);
    } catch (thrown) {
      const sent = span && { span, before: 0, statementsBefore: 0 };
      const error = placed(thrown, migration, sent, message.completed, session.countsBytes);
      const { blockers } = observer;
      if (!(error instanceof MigrateError) || error.kind !== 'busy' || blockers.length === 0) throw error;
      throw new MigrateError('busy', `${error.message}; blocked by ${blockers.map(holderText).join('; ')}`, error);
    }
  }

  #leaveOut(migration: Migration, span: Span, why: string): void {
    this.#leftOut.push({ migration: migration.name, line: at(migration, span).line, why });
  }

  #local({ name, directives }: Migration): string {
    const { budgets } = this.#tools;
    const application = `${APPLICATION} rehearsal ${name}`.slice(0, 63);
    return `SET LOCAL application_name = '${application}';SET LOCAL lock_timeout = ${directives.ddlLockTimeout ?? budgets.ddlLockTimeout};SET LOCAL statement_timeout = ${directives.statementTimeout ?? budgets.statementTimeout}`;
  }

  async #sequences(): Promise<ReadonlyMap<string, string | null>> {
    const [row] = await this.#tools.session.ask(SEQUENCES, this.#signal);
    return new Map(Object.entries((row?.sequences as Record<string, string | null> | null) ?? {}));
  }
}

const DEFERRED = `SELECT string_agg(DISTINCT format('%I.%I', n.nspname, c.conname), ', ') AS names
  FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace WHERE c.condeferred`;

const SEQUENCES = `SELECT jsonb_object_agg(format('%I.%I', schemaname, sequencename), last_value::text) AS sequences
  FROM pg_catalog.pg_sequences`;

function spansOf({ text, steps }: Migration, from: number): readonly Span[] {
  if (steps[0]?.kind === 'sql-file') return readSql(text).statements;
  return steps.slice(from).flatMap(({ statements }) => statements);
}

function at({ text }: Migration, span: Span): { readonly line: number; readonly text: string } {
  return { line: locate(text, span.start).line, text: text.slice(span.start, span.end) };
}

/** Whether it is the file itself that adds a value to an enum: then `migrate` is refused as well. */
function addsEnumValue({ text, steps }: Migration): boolean {
  return (
    steps[0]?.kind === 'sql-file' &&
    readSql(text).statements.some((span) => /^ALTER TYPE .* ADD VALUE /.test(outline(text, span)))
  );
}

function moved(
  before: ReadonlyMap<string, string | null>,
  after: ReadonlyMap<string, string | null>,
): readonly string[] {
  return [...before]
    .filter(([name, value]) => after.has(name) && after.get(name) !== value)
    .map(
      ([name, value]) =>
        `the sequence ${name} moved from ${value ?? 'its beginning'} to ${after.get(name)}: no rollback takes that back`,
    );
}
