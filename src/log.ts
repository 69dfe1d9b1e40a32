import { styleText } from 'node:util';
import pino from 'pino';
import { escapedJson, visible } from './core/characters.ts';
import { restorePointText } from './core/restore-point.ts';
import { type ErrorKind, MigrateError, type Problem, type ServerReport } from './errors.ts';
import { type Emit, type Event, type Holder, holderText, type Progress } from './events.ts';
import { EXIT } from './exit.ts';
import { runbookOf } from './runbook.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';
const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/**
 * How events and the last error are written. Much of their text comes from servers and files: here, where records are made of it,
 * each text becomes one printable line, so that none can color the screen, overwrite a line or forge one.
 */
export interface Log {
  readonly emit: Emit;
  error(kind: ErrorKind, error: Error): void;
}

/** One JSON object a line; `base` is in each. `msg` is for people; the other members hold exact values. */
export function jsonLog(write: (line: string) => void, level: Level, base: Readonly<Record<string, string>> = {}): Log {
  const logger = pino(
    {
      level,
      base,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => write(escapedJson(line)) },
  );
  return {
    emit: (event) => logger[levelOf(event)](event, textOf(event)),
    error: (kind, error) => logger.error({ event: 'error', ...errorData(kind, error) }, visible(error.message)),
  };
}

/** Lines for people; colour only where `colour` says that somebody can see it. */
export function textLog(write: (line: string) => void, level: Level, colour: boolean): Log {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const style = { debug: 'dim', info: 'cyan', warn: 'yellow', error: 'red' } as const;
  return {
    emit: (event) => {
      const own = levelOf(event);
      if (LEVELS.indexOf(own) < LEVELS.indexOf(level)) return;
      const label = own === 'info' || own === 'debug' ? '' : `${paint(style[own], own === 'warn' ? 'warning' : own)}: `;
      const text = event.event === 'applied' ? paint('green', textOf(event)) : textOf(event);
      write(`${label}${text}\n`);
    },
    error: (kind, error) => write(`${paint('red', 'error')}: ${errorText(kind, error)}\n`),
  };
}

function levelOf(event: Event): Level {
  switch (event.event) {
    case 'warning':
    case 'healing':
    case 'retrying':
    case 'reconnecting':
      return 'warn';
    case 'notice':
      // IF NOT EXISTS says so for every object that is there; pgvector's notice about a slow build matters.
      return event.severity === 'WARNING' || /hnsw/i.test(event.message) ? 'warn' : 'debug';
    case 'observed':
      return event.blockers.length > 0 || event.standby ? 'warn' : 'info';
    case 'step':
    case 'unlocked':
    case 'unobserved':
      return 'debug';
    default:
      return 'info';
  }
}

/** An event on one line. */
export function textOf(event: Event): string {
  return visible(wordsOf(event));
}

function wordsOf(event: Event): string {
  switch (event.event) {
    case 'warning':
      return event.hint === undefined ? event.message : `${event.message} (${event.hint})`;
    case 'not-ready':
      return `waiting for ${event.database}: ${event.message}`;
    case 'ready':
      return `${event.database} answers after ${seconds(event.waitedMs)}`;
    case 'planned':
      return event.pending.length === 0 ? 'nothing is pending any more' : `pending: ${event.pending.join(', ')}`;
    case 'restore-point':
      return `restore point: ${restorePointText(event.restorePoint)}`;
    case 'up-to-date':
      return `up to date: ${event.migrations} migrations, nothing pending`;
    case 'waiting':
      return `waiting: ${event.message}`;
    case 'lock-waiting':
      return `waiting for ${event.database}'s migration lock${event.holder ? `, held by ${holderText(event.holder)}` : ''}`;
    case 'locked':
      return `migration lock of ${event.database} taken${event.waitedMs >= 1000 ? ` after ${seconds(event.waitedMs)}` : ''}`;
    case 'unlocked':
      return `migration lock of ${event.database} given back`;
    case 'started':
      return event.from === 0
        ? `applying ${event.migration}`
        : `going on with ${event.migration} at step ${event.from + 1} of ${event.steps}`;
    case 'step':
      return `${event.migration}: step ${event.step} of ${event.steps}`;
    case 'healing':
      return `${event.migration}: index ${event.index} was left INVALID by an earlier try; it is dropped`;
    case 'retrying':
      return `${event.message}; trying again${event.blockers.length > 0 ? `, ${blockedText(event.blockers)}` : ''}`;
    case 'observed':
      return `${sightText(event)}, ${seconds(event.elapsedMs)} so far`;
    case 'unobserved':
      return `no look at what ${event.database} does meanwhile (${event.message}); the migration goes on without`;
    case 'applied':
      return `applied ${event.migration} in ${seconds(event.tookMs)}`;
    case 'rehearsed':
      return `rehearsed ${event.migration} in ${seconds(event.tookMs)}`;
    case 'reconnecting':
      return `${event.message}; connecting again, the history tells what was done`;
    case 'notice':
      return `${event.migration === undefined ? '' : `${event.migration}: `}${event.database} says: ${event.message}`;
    case 'done':
      return `done: ${event.applied} applied in ${seconds(event.tookMs)}`;
    case 'stopping':
      return `${event.signal}: stopping; a second one ends at once`;
  }
}

/** What a long statement does: who blocks it, how far it is, or just that it runs. */
export function sightText(event: Extract<Event, { readonly event: 'observed' }>): string {
  const { migration, blockers, progress, standby } = event;
  const seen = [
    ...(standby ? [STANDBY] : []),
    ...(blockers.length > 0 ? [blockedText(blockers)] : []),
    ...(progress ? [progressText(progress)] : []),
  ];
  return visible(`${migration}: ${seen.length > 0 ? seen.join('; ') : 'running'}`);
}

const STANDBY =
  'COMMIT waits for a synchronous standby (SyncRep): the work is committed on this server; synchronous_standby_names names a standby that does not answer';

function blockedText(blockers: readonly Holder[]): string {
  return `${blockers.some(({ maybe }) => maybe) ? 'perhaps ' : ''}blocked by ${blockers.map(holderText).join('; ')}`;
}

function progressText({ command, on, phase, done, total, unit, percent, restMs }: Progress): string {
  const counted = total === undefined ? undefined : `${done} of ${total} ${unit}`;
  return [
    on === undefined ? command : `${command} ${on}`,
    phase,
    percent === undefined ? counted : `${percent} %${counted ? ` (${counted})` : ''}`,
    restMs !== undefined && `about ${duration(restMs)} left${phase === undefined ? '' : ' of this phase'}`,
  ]
    .filter(Boolean)
    .join(', ');
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** For people who wait: `7 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  const whole = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, '0')} min`;
  return minutes > 0 ? `${minutes} min ${String(whole % 60).padStart(2, '0')} s` : `${whole} s`;
}

/** An error for people: what happened, where, what the server said, what it means, what to do. */
function errorText(kind: ErrorKind, error: Error): string {
  const facts = error instanceof MigrateError ? error : undefined;
  const lines = [
    ...(facts === undefined
      ? stackLines(error)
      : problemLines(facts, facts.message, [...serverLines(facts.server), ...labelled('means', facts.means)])),
    ...(facts?.problems ?? []).flatMap((problem) => problemLines(problem, problem.message).map((line) => `  ${line}`)),
    ...(facts === undefined ? ['  this is a bug of localrag-migrate: please report it with the lines above'] : []),
    `  (exit ${EXIT[kind].code} ${kind}${facts?.server?.code ? `, ${facts.server.code}` : ''})`,
    ...labelled('runbook', runbookOf(kind)),
  ];
  return lines.map(visible).join('\n');
}

/** The message may have line breaks of its own. */
function stackLines({ message, stack = message }: Error): readonly string[] {
  const end = stack.indexOf(message) + message.length;
  return [stack.slice(0, end), ...stack.slice(end).split('\n').slice(1)];
}

function problemLines(
  problem: Problem | MigrateError,
  message: string,
  further: readonly string[] = [],
): readonly string[] {
  const { place, excerpt, hint } = problem;
  const at = place && [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
  return [
    at !== undefined && !message.startsWith(at) ? `${at}: ${message.replace(`${place?.file}: `, '')}` : message,
    ...(excerpt ? excerpt.split('\n').map((line) => `  ${line}`) : []),
    ...further,
    ...labelled('hint', hint),
  ];
}

/** What the server says besides its message; its hint is not ours. */
function serverLines({ detail, hint, where, ...server }: ServerReport = {}): readonly string[] {
  const { schema, table, column, constraint } = server;
  const on = [
    ...(constraint ? [`constraint ${constraint}`] : []),
    ...(table ? [`table ${schema ? `${schema}.` : ''}${table}`] : []),
    ...(column ? [`column ${column}`] : []),
  ];
  return [
    ...labelled('detail', detail),
    ...labelled('on', on.join(', ')),
    ...labelled("server's hint", hint),
    ...labelled('where', where),
  ];
}

function labelled(label: string, text: string | undefined): readonly string[] {
  return text ? [`  ${label}: ${text}`] : [];
}

/** The same for programs; also the body of the termination message. */
export function errorData(kind: ErrorKind, error: Error): Record<string, unknown> {
  const runbook = runbookOf(kind);
  const base = { code: EXIT[kind].code, name: kind, message: error.message, ...(runbook && { runbook }) };
  if (!(error instanceof MigrateError)) return { ...base, stack: error.stack };
  const { means, hint, place, excerpt, server, problems } = error;
  return {
    ...base,
    ...(place && { migration: place.file, line: place.line, column: place.column }),
    ...(excerpt && { statement: excerpt }),
    ...(means && { means }),
    ...(hint && { hint }),
    ...(server && { server }),
    ...(problems.length > 0 && { problems }),
  };
}
