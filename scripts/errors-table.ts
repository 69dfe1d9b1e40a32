import { readFileSync } from 'node:fs';
import { CONNECT_KINDS as NEO4J_KINDS } from '../src/engine/neo4j/errors.ts';
import { CONNECTING as NEO4J_CONNECTING } from '../src/engine/neo4j/remedies/connecting.ts';
import { REMEDIES as NEO4J } from '../src/engine/neo4j/remedies.ts';
import { CONNECT_KINDS as POSTGRES_KINDS } from '../src/engine/postgres/errors.ts';
import { CONNECTING as POSTGRES_CONNECTING } from '../src/engine/postgres/remedies/connecting.ts';
import { REMEDIES as POSTGRES } from '../src/engine/postgres/remedies.ts';
import { type Advice, adviceOf, type Remedy, remedyFor } from '../src/engine/remedy.ts';
import type { ErrorKind } from '../src/errors.ts';
import { EXIT } from '../src/exit.ts';

/* The tables of docs/errors.md: every remedy, with what a real server has said to test/errors. */

/** What test/errors has captured; a message is missing where the server would have to be broken for it. */
interface CapturedError {
  readonly code?: string;
  readonly topic?: string;
  readonly kind: ErrorKind;
  readonly message?: string;
}

type Connecting = Readonly<Record<string, Advice & { readonly kind: ErrorKind }>>;

function withKinds<Topic extends string>(
  advice: Readonly<Record<Topic, Advice>>,
  kinds: Readonly<Record<Topic, ErrorKind>>,
): Connecting {
  return Object.fromEntries(
    (Object.keys(advice) as Topic[]).map((topic) => [topic, { ...advice[topic], kind: kinds[topic] }]),
  );
}

const SOURCES = {
  postgres: { remedies: POSTGRES, connecting: withKinds(POSTGRES_CONNECTING, POSTGRES_KINDS) },
  neo4j: { remedies: NEO4J, connecting: withKinds(NEO4J_CONNECTING, NEO4J_KINDS) },
} as const;

export const ERROR_COLUMNS = ['code', 'the server says', 'what it means', 'what to do', 'exit'];

/** Errors of statements, in the order of their codes; each code's own remedies before those for its class. */
export function statementErrors(database: keyof typeof SOURCES): readonly (readonly string[])[] {
  const { remedies } = SOURCES[database];
  const met = Map.groupBy(
    captured(database).filter(({ topic }) => topic === undefined),
    ({ code = '', message = '' }) => remedyFor(remedies, code, message),
  );
  return remedies
    .toSorted((one, other) => (last(one.code) < last(other.code) ? -1 : last(one.code) > last(other.code) ? 1 : 0))
    .map((remedy) => {
      const found = met.get(remedy)?.[0];
      const { means, hint } = adviceOf(remedy, found?.message ?? '');
      return [codeOf(remedy), said(found), plain(means), plain(hint), exit(found?.kind)];
    });
}

/** What keeps a connection from being made. */
export function connectionErrors(database: keyof typeof SOURCES): readonly (readonly string[])[] {
  const errors = captured(database);
  return Object.entries(SOURCES[database].connecting).map(([topic, { means, hint, kind }]) => {
    const found = errors.find((error) => error.topic === topic);
    return [found?.code === undefined ? '' : `\`${found.code}\``, said(found), plain(means), plain(hint), exit(kind)];
  });
}

function captured(database: keyof typeof SOURCES): readonly CapturedError[] {
  const path = new URL(`../test/errors/captured/${database}.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { errors: readonly CapturedError[] }).errors;
}

/** A SQLSTATE has five characters, a status of Neo4j four parts; less stands for many codes. */
function codeOf({ code }: Remedy): string {
  const isClass = code.startsWith('Neo.') ? code.split('.').length < 4 : code.length < 5;
  return isClass ? `\`${code}…\`` : `\`${code}\``;
}

/** So that a class comes behind the codes that it begins. */
function last(code: string): string {
  return `${code}~`;
}

const MOST = 160;

function said(error: CapturedError | undefined): string {
  const message = error?.message;
  if (message === undefined) return '';
  const shown = message.length > MOST ? `${message.slice(0, MOST)}…` : message;
  return shown.includes('`') ? `\`\` ${shown} \`\`` : `\`${shown}\``;
}

/** What Markdown would take for emphasis or for HTML. */
function plain(text: string): string {
  return text.replace(/`[^`]*`|[*<]/g, (found) => (found.length > 1 ? found : `\\${found}`));
}

function exit(kind: ErrorKind | undefined): string {
  return kind === undefined ? '' : `[${EXIT[kind].code}](exit-codes.md#${EXIT[kind].code}-${kind})`;
}
