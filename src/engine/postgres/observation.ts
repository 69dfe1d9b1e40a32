import type { Rehearsed } from '../engine.ts';
import type { Row, Session } from './session.ts';

/** The modes of pg_locks, the weakest first. */
const MODES = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];
/** Looking at a table's definition takes ACCESS SHARE, which says nothing. */
const WORTH_TELLING = MODES.indexOf('RowShareLock');

/** Relations that are not PostgreSQL's own. */
const OURS =
  "c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace, 'information_schema'::regnamespace)";

const KNOWN = `SELECT jsonb_object_agg(c.oid, jsonb_build_object('name', c.oid::regclass::text, 'file', c.relfilenode, 'kind', c.relkind)) AS known
  FROM pg_catalog.pg_class c WHERE ${OURS} AND c.relkind IN ('r', 'p', 'm', 'v', 'S', 'i', 'I')`;

const SEEN = `SELECT
  (SELECT jsonb_agg(jsonb_build_array(l.relation, l.mode, c.relfilenode)) FROM pg_catalog.pg_locks l
    LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND (c.oid IS NULL OR ${OURS})) AS locks,
  (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_catalog.pg_stat_xact_user_tables) AS rows`;

interface Relation {
  readonly name: string;
  readonly file: number;
  readonly kind: string;
}

/** What a transaction has done so far, statement by statement, as the server itself counts it. */
export class Observation {
  readonly #session: Session;
  /** The relations that were there before; nobody waits for those that the transaction makes. */
  readonly #known: ReadonlyMap<string, Relation>;
  readonly #files: Map<string, number>;
  readonly #modes = new Map<string, number>();
  #rows = 0;

  private constructor(session: Session, known: ReadonlyMap<string, Relation>) {
    this.#session = session;
    this.#known = known;
    this.#files = new Map([...known].map(([oid, { file }]) => [oid, file]));
  }

  static async begin(session: Session, signal: AbortSignal): Promise<Observation> {
    const [row] = await session.ask(KNOWN, signal);
    const known = new Map(Object.entries((row?.known as Record<string, Relation> | null) ?? {}));
    const observation = new Observation(session, known);
    // What this session did before is among the counts.
    await observation.next(signal);
    return observation;
  }

  async next(signal: AbortSignal): Promise<Pick<Rehearsed, 'locks' | 'rewrites' | 'rows'>> {
    const [row = {}] = await this.#session.ask(SEEN, signal);
    const touched = Number(row.rows ?? 0) - this.#rows;
    this.#rows += touched;
    return { ...this.#locksOf(row), rows: touched };
  }

  #locksOf(row: Row): Pick<Rehearsed, 'locks' | 'rewrites'> {
    const stronger = new Map<string, number>();
    const rewrites: string[] = [];
    for (const [relation, mode, file] of (row.locks as [number, string, number | null][] | null) ?? []) {
      const oid = String(relation);
      const known = this.#known.get(oid);
      if (known === undefined) continue;
      if (file !== null && file !== this.#files.get(oid) && !'iIS'.includes(known.kind)) rewrites.push(known.name);
      if (file !== null) this.#files.set(oid, file);
      const strength = MODES.indexOf(mode);
      // An index is locked with its table, and as it is.
      if ('iI'.includes(known.kind) || strength < WORTH_TELLING || strength <= (this.#modes.get(oid) ?? -1)) continue;
      stronger.set(oid, Math.max(strength, stronger.get(oid) ?? -1));
    }
    for (const [oid, strength] of stronger) this.#modes.set(oid, strength);
    const locks = [...stronger].map(([oid, strength]) => ({
      object: this.#known.get(oid)?.name ?? oid,
      mode: MODES[strength] ?? '',
    }));
    return { locks, rewrites: [...new Set(rewrites)] };
  }
}
