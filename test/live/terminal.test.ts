import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Event, Progress } from '../../src/events.ts';
import type { LiveLine } from '../../src/live-line.ts';
import { textLog } from '../../src/log.ts';
import { terminalLog } from '../../src/terminal.ts';

/** A terminal of which one sees what is written for good, and the live line. */
function terminal({ colour = false, unicode = true } = {}) {
  let picture: ((tick: number) => string) | undefined;
  let written = '';
  const line = {
    unicode,
    show: (next: (tick: number) => string) => {
      picture = next;
    },
    end: () => {
      picture = undefined;
    },
  } as unknown as LiveLine;
  const log = terminalLog(
    textLog(
      (text) => {
        written += text;
      },
      'info',
      colour,
    ),
    line,
    colour,
  );
  return { emit: log.emit, live: () => picture?.(0), written: () => written };
}

const migration = '001_a.sql';
const started: Event = { event: 'started', database: 'postgres', migration, from: 0, steps: 1 };
const observed = (progress?: Progress, blockers: readonly { pid: number }[] = []): Event => ({
  event: 'observed',
  database: 'postgres',
  migration,
  elapsedMs: 1_000,
  blockers,
  ...(progress && { progress }),
});

test('what goes on is one live line; what came of it is written', () => {
  const { emit, live, written } = terminal();
  emit({ event: 'not-ready', database: 'postgres', message: 'refused' });
  expect(live()).toBe('⠋ 0 s  waiting for postgres: refused');
  emit({ event: 'ready', database: 'postgres', waitedMs: 1_500 });
  emit({ event: 'lock-waiting', database: 'postgres', holder: { pid: 7, application: 'another' } });
  expect(live()).toBe("⠋ 0 s  waiting for postgres's migration lock, held by pid 7, another");
  emit({ event: 'locked', database: 'postgres', waitedMs: 2_000 });
  expect(live()).toBeUndefined();
  emit(started);
  expect(live()).toBe('⠋ 0 s  applying 001_a.sql');
  emit(observed(undefined, [{ pid: 8 }]));
  expect(live()).toBe('⠋ 0 s  001_a.sql: blocked by pid 8');
  // Told once, however often it comes.
  for (const attempt of [1, 2, 3])
    emit({
      event: 'retrying',
      database: 'postgres',
      migration,
      message: 'lock timeout',
      attempt,
      blockers: [{ pid: 8 }],
    });
  emit(
    observed({
      command: 'CREATE INDEX',
      on: 'idx',
      phase: 'scanning',
      done: 9,
      total: 20,
      unit: 'blocks',
      percent: 45,
      restMs: 65_000,
    }),
  );
  expect(live()).toBe(
    '⠋ 0 s  █████████░░░░░░░░░░░  45 %  about 1 min 05 s left  001_a.sql: CREATE INDEX idx, scanning',
  );
  emit({ event: 'applied', database: 'postgres', migration, tookMs: 70_000 });
  expect(live()).toBeUndefined();
  expect(written().split('\n')).toEqual([
    'postgres answers after 1.5 s',
    'migration lock of postgres taken after 2.0 s',
    'warning: lock timeout; trying again, blocked by pid 8',
    'applied 001_a.sql in 70.0 s',
    '',
  ]);
});

test('a phase in which the server counts others, not work, has no bar', () => {
  const { emit, live } = terminal();
  emit(started);
  emit(
    observed({
      command: 'CREATE INDEX CONCURRENTLY',
      phase: 'waiting for old snapshots',
      done: 1,
      total: 3,
      unit: 'transactions',
    }),
  );
  expect(live()).toBe('⠋ 0 s  001_a.sql: CREATE INDEX CONCURRENTLY, waiting for old snapshots, 1 of 3 transactions');
});

test("what somebody else's query says to a terminal is not passed on", () => {
  const { emit, live } = terminal();
  emit(started);
  emit({ ...observed(), blockers: [{ transaction: 'tx-1', doing: 'MATCH (n)\n\x1b[2J\tRETURN n' }] } as Event);
  expect(live()).toBe('⠋ 0 s  001_a.sql: blocked by tx-1, doing: MATCH (n) \\x1b[2J RETURN n');
});

test('colour only where it is wanted, and nothing but ASCII where the font has no more', () => {
  const half = observed({ command: 'VACUUM', percent: 50 });
  const coloured = terminal({ colour: true });
  coloured.emit(half);
  expect(coloured.live()).toContain('\x1b[');
  expect(stripVTControlCharacters(coloured.live() ?? '')).toBe('⠋ 0 s  ██████████░░░░░░░░░░  50 %  001_a.sql: VACUUM');
  const plain = terminal({ unicode: false });
  plain.emit(half);
  expect(plain.live()).toBe('| 0 s  ##########..........  50 %  001_a.sql: VACUUM');
});
