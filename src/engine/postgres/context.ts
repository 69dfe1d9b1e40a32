import type { Span } from '../../core/migration.ts';
import { offsetOfByte, offsetOfCodePoint } from '../../core/source.ts';
import { readSql } from '../../core/sql.ts';
import { bodyOf, findQuoted, lineStart, type SqlBody } from '../../core/sql-bodies.ts';
import type { PostgresError } from './errors.ts';

/** One line of an error's context (`where`): the function in which it was, or which called that one. */
interface Frame {
  /** Undefined for a DO block. */
  readonly name: string | undefined;
  /** Of PL/pgSQL: the line of the body, counted from 1, and the kind of statement (`RAISE`, `assignment`). */
  readonly line?: number;
  readonly at?: string;
  /** Of a function in SQL: the number of the statement, counted from 1; not known where it was being prepared. */
  readonly statement?: number | 'preparing';
  /** The statement or the expression, where the context quotes it. */
  readonly quoted?: string;
}

/**
 * The offset in a file of an error that was raised inside of a function or a DO block: in its body, where that stands in
 * this file. `statements` are those up to the failing one, which is undefined for an error that came with COMMIT.
 */
export function offsetInBody(
  error: PostgresError,
  text: string,
  statements: readonly Span[],
  failing: Span | undefined,
  countsBytes: boolean,
): number | undefined {
  const { internalQuery, internalPosition } = error;
  const internal = internalQuery === undefined ? undefined : inQuery(internalQuery, internalPosition, countsBytes);
  const frames = framesOf(error.where ?? '');
  const own = failing && bodyOf(text, failing);
  if (internal !== undefined && own?.text === internal.query) return own.offsetOf(internal.offset);
  // A DO block inside of another one does not stand in the file, as a rule.
  const block = frames.findLastIndex(({ name }) => name === undefined);
  for (const [index, frame] of frames.entries()) {
    if (frame.name === undefined && index !== block) continue;
    const bodies = frame.name === undefined ? (own ? [own] : []) : routines(text, statements, frame.name);
    const offset = inBodies(bodies, frame, index === 0 ? internal : undefined);
    if (offset !== undefined) return offset;
  }
  return undefined;
}

interface Internal {
  readonly query: string;
  /** UTF-16 offset in it. */
  readonly offset: number;
}

function inQuery(query: string, position: string | undefined, countsBytes: boolean): Internal {
  const count = Number(position ?? 1) - 1;
  return { query, offset: countsBytes ? offsetOfByte(query, count) : offsetOfCodePoint(query, count) };
}

/** Functions of this name as the file makes them, the newest first. */
function routines(text: string, statements: readonly Span[], name: string): readonly SqlBody[] {
  const bodies = statements.flatMap((statement) => {
    const body = bodyOf(text, statement);
    return body?.name === name ? [body] : [];
  });
  return bodies.reverse();
}

/** In the newest, where one was replaced; of functions that differ in their parameters only in one in which it surely is. */
function inBodies(bodies: readonly SqlBody[], frame: Frame, internal: Internal | undefined): number | undefined {
  const places = bodies.flatMap(({ text, parameters, offsetOf }) => {
    const place = placeIn(text, frame, internal);
    return place === undefined ? [] : [{ exact: place.exact, parameters, offset: offsetOf(place.at) }];
  });
  const exact = places.find((place) => place.exact);
  const [newest] = places;
  if (exact !== undefined) return exact.offset;
  return bodies.every(({ parameters }) => parameters === newest?.parameters) ? newest?.offset : undefined;
}

function placeIn(
  body: string,
  frame: Frame,
  internal: Internal | undefined,
): { readonly at: number; readonly exact: boolean } | undefined {
  if (internal?.query === body) return { at: internal.offset, exact: true };
  if (frame.statement !== undefined) {
    const { statements } = readSql(body);
    const only = statements.length === 1 ? 1 : 0;
    const at = statements[(frame.statement === 'preparing' ? only : frame.statement) - 1]?.start;
    return at === undefined ? undefined : { at, exact: true };
  }
  const start = frame.line === undefined ? undefined : lineStart(body, frame.line);
  if (start === undefined) return undefined;
  const found = internal === undefined ? -1 : findQuoted(body, internal.query, start);
  if (internal !== undefined && found >= 0) return { at: found + internal.offset, exact: true };
  const quoted = frame.quoted === undefined || frame.at === 'PERFORM' ? -1 : findQuoted(body, frame.quoted, start);
  if (quoted >= 0) return { at: quoted, exact: true };
  return { at: start + columnIn(body.slice(start).split('\n', 1)[0] ?? '', frame.at), exact: false };
}

/** Where in a line a statement of this kind begins, which the server calls by its first words. */
function columnIn(line: string, at: string | undefined): number {
  const verb = /^[A-Z]+/.exec(at ?? '')?.[0];
  const found = verb === undefined ? -1 : line.search(new RegExp(`\\b${verb}\\b`, 'i'));
  return Math.max(0, found >= 0 ? found : line.search(/\S/));
}

/** https://github.com/postgres/postgres/blob/REL_18_STABLE/src/pl/plpgsql/src/pl_exec.c has their words, as functions.c and pl_comp.c do. */
const FRAME =
  /^(?:PL\/pgSQL function (?:inline_code_block|(?<routine>.+?)\(.*\)) line (?<line>\d+) (?:at (?<at>.+)|during .+)|SQL function "(?<sql>.+)" (?:statement (?<statement>\d+)|during \w+)|compilation of PL\/pgSQL function "(?<compiled>.+)" near line (?<near>\d+))$/gm;

const QUOTED = /^(?:SQL (?:statement|expression)|PL\/pgSQL (?:assignment|expression)) "([\s\S]*)"$/;

/** What a server that speaks English says of where it was, innermost first. */
function framesOf(where: string): readonly Frame[] {
  let end = 0;
  return [...where.matchAll(FRAME)].map((match) => {
    const { routine, line, at, sql, statement, compiled, near } = match.groups ?? {};
    const quoted = QUOTED.exec(where.slice(end, match.index).trim())?.[1];
    end = match.index + match[0].length;
    const number = line ?? near;
    return {
      name: routine === undefined ? (sql ?? compiled) : lastPart(routine),
      ...(number !== undefined && { line: Number(number) }),
      ...(at !== undefined && { at }),
      ...(sql !== undefined && { statement: statement === undefined ? 'preparing' : Number(statement) }),
      ...(quoted !== undefined && { quoted }),
    };
  });
}

/** `public."F x"` → `F x`. */
function lastPart(routine: string): string {
  const quoted = /"((?:[^"]|"")+)"$/.exec(routine)?.[1];
  return quoted?.replaceAll('""', '"') ?? routine.slice(routine.lastIndexOf('.') + 1);
}
