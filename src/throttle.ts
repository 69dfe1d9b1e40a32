import type { Emit, Event } from './events.ts';

/** Milliseconds after which a log is told again what has not changed. */
const AGAIN = 30_000;

/** For logs: what is observed about once a second is told when it changes, else every 30 s; other events as they come. */
export function throttled(emit: Emit, now: () => number = () => performance.now()): Emit {
  let last = { migration: '', gist: '', at: 0 };
  return (event) => {
    if (event.event !== 'observed') return emit(event);
    const { migration } = event;
    const gist = gistOf(event);
    // That it runs, and nothing more, was told when it began.
    if (migration !== last.migration) last = { migration, gist: gistOf({ blockers: [] }), at: now() - event.elapsedMs };
    if (gist === last.gist && now() - last.at < AGAIN) return;
    last = { migration, gist, at: now() };
    emit(event);
  };
}

/** What counts as a change: who blocks, and the phase; not the figures, which always move. */
function gistOf({
  blockers,
  progress,
  standby,
}: Pick<Extract<Event, { event: 'observed' }>, 'blockers' | 'progress' | 'standby'>): string {
  return JSON.stringify([
    standby,
    blockers.map(({ pid, transaction, application, hidden }) => [pid, transaction, application, hidden]),
    progress && [progress.command, progress.on, progress.phase],
  ]);
}
