import { styleText } from 'node:util';
import type { Event } from './events.ts';
import type { LiveLine } from './live-line.ts';
import { duration, type Log, sightText, textOf } from './log.ts';

const SPINNER = { unicode: [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'], ascii: [...'|/-\\'] };
const BAR = { unicode: ['█', '░'], ascii: ['#', '.'] } as const;
const BAR_WIDTH = 20;

/** What goes on at the moment, for as long as it does. */
interface Doing {
  /** What stays the same while texts change: the elapsed time is of it. */
  readonly what: string;
  readonly text: string;
  readonly blocked?: boolean;
  readonly figures?: { readonly percent: number; readonly restMs?: number | undefined };
}

/**
 * The log for a person at a terminal: what goes on is one live line, and only what came of it is written for good.
 * `log` writes lines.
 */
export function terminalLog(log: Log, line: LiveLine, colour: boolean): Log {
  let doing: Doing | undefined;
  let begin = 0;
  let toldRetry = '';
  const emit = (event: Event) => {
    const next = doingAfter(event, doing);
    if (next?.what !== doing?.what) begin = performance.now();
    if (next === undefined) line.end();
    else if (next !== doing) line.show((tick) => picture(next, performance.now() - begin, tick));
    doing = next;
    if (isLiveOnly(event)) return;
    if (event.event === 'retrying') {
      // Every try ends the same way for as long as the same one is in the way.
      const text = textOf(event);
      if (text === toldRetry) return;
      toldRetry = text;
    }
    log.emit(event);
  };

  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const set = line.unicode ? 'unicode' : 'ascii';
  const picture = ({ text, blocked, figures }: Doing, elapsedMs: number, tick: number) =>
    [
      `${paint('cyan', SPINNER[set][tick % SPINNER[set].length] ?? '')} ${duration(elapsedMs)}`,
      ...(figures === undefined ? [] : [bar(figures.percent), `${Math.floor(figures.percent)} %`]),
      ...(figures?.restMs === undefined ? [] : [`about ${duration(figures.restMs)} left`]),
      blocked ? paint('yellow', text) : text,
    ].join('  ');
  const bar = (percent: number) => {
    const [full, empty] = BAR[set];
    const filled = Math.round((percent * BAR_WIDTH) / 100);
    return `${paint('green', full.repeat(filled))}${paint('dim', empty.repeat(BAR_WIDTH - filled))}`;
  };

  return {
    emit,
    error: (kind, error) => {
      line.end();
      log.error(kind, error);
    },
  };
}

/** What goes on after an event, where `before` went on until then. */
function doingAfter(event: Event, before: Doing | undefined): Doing | undefined {
  switch (event.event) {
    case 'not-ready':
    case 'waiting':
    case 'lock-waiting':
      return { what: event.event, text: textOf(event) };
    case 'started':
      return { what: event.migration, text: textOf(event) };
    case 'step':
      // One step is the whole migration, of which it was said that it is applied.
      return event.steps === 1 ? before : { what: event.migration, text: textOf(event) };
    case 'observed':
      return sighted(event);
    case 'locked':
    case 'applied':
    case 'up-to-date':
    case 'reconnecting':
    case 'done':
    case 'stopping':
      return undefined;
    default:
      return before;
  }
}

/** The figures come before the words: what does not fit into the terminal's width is cut off at the end. */
function sighted(event: Extract<Event, { readonly event: 'observed' }>): Doing {
  const { migration, blockers, progress } = event;
  const doing = { what: migration, blocked: blockers.length > 0 };
  if (progress?.percent === undefined) return { ...doing, text: sightText(event) };
  const { percent, restMs, done, total, unit, ...words } = progress;
  return { ...doing, text: sightText({ ...event, progress: words }), figures: { percent, restMs } };
}

/** What the live line tells, and nobody wants to read afterwards. */
function isLiveOnly({ event }: Event): boolean {
  return ['not-ready', 'waiting', 'lock-waiting', 'started', 'observed'].includes(event);
}
