import { expect, test } from 'vitest';
import { evened, wordsOf } from '../../scripts/film.ts';
import type { Event, Progress } from '../../src/events.ts';
import { textOf } from '../../src/log.ts';
import { terminalLog } from '../../src/terminal.ts';
import { read } from '../docs/documents.ts';

/** The lines of a recording in docs/live.md. */
function recording(name: string): readonly string[] {
  const block = new RegExp(`<!-- recording:${name} -->\n\`\`\`text\n([^]*?)\n\`\`\`\n<!-- /recording -->`).exec(
    read('docs/live.md'),
  );
  return block?.[1]?.split('\n') ?? [];
}

/** What a terminal shows today of such events: the words of the live line as `live`, the others as they are. */
function shownToday(events: readonly Event[]): {
  readonly live: readonly string[];
  readonly written: readonly string[];
} {
  const live: string[] = [];
  const written: string[] = [];
  const line = { unicode: true, show: (picture: (tick: number) => string) => live.push(picture(2)), end: () => {} };
  const log = {
    emit: (event: Event) => written.push(`${event.event === 'retrying' ? 'warning: ' : ''}${textOf(event)}`),
  };
  const { emit } = terminalLog({ ...log, error: () => {} }, line as never, false);
  for (const event of events) emit(event);
  return { live: live.map(wordsOf), written: written.map(evened) };
}

const holder = {
  pid: 4711,
  application: 'LocalRAG api',
  user: 'localrag',
  host: '127.0.0.1',
  since: '2026-01-31T12:00:00Z',
  doing: 'idle in transaction, last: BEGIN; SELECT * FROM chats',
};

const CREATE = { command: 'CREATE INDEX CONCURRENTLY', on: 'idx_chunks_embedding' };

test.each([
  ['blocked', 'postgres', '001_chat_titles.sql', [], [holder]],
  [
    'index',
    'postgres',
    '001_embedding_index.sql',
    [
      { ...CREATE, phase: 'building index: loading tuples', percent: 40 },
      { ...CREATE, phase: 'index validation: scanning index' },
    ],
    [],
  ],
  [
    'graph',
    'neo4j',
    '001_entity_vectors.cypher',
    [{ command: 'populating VECTOR index', on: 'entity_embedding', percent: 0 }],
    [],
  ],
] as const)(
  'the recording %s says what the program says today (npm run recordings)',
  (name, database, migration, counted, blockers) => {
    const observed = (progress?: Progress): Event => ({
      event: 'observed',
      database,
      migration,
      elapsedMs: 1_000,
      blockers,
      ...(progress && { progress }),
    });
    const { live, written } = shownToday([
      { event: 'locked', database, waitedMs: 5 },
      { event: 'planned', pending: [migration] },
      {
        event: 'restore-point',
        restorePoint: {
          time: '2026-11-28T11:00:00.000Z',
          ...(database === 'postgres' && { postgresLsn: '0/2000028' }),
        },
      },
      { event: 'started', database, migration, from: 0, steps: 1 },
      { event: 'step', database, migration, step: 1, steps: 1 },
      ...(blockers.length > 0 ? [observed()] : counted.map(observed)),
      ...(blockers.length > 0
        ? [
            {
              event: 'retrying',
              database,
              migration,
              attempt: 1,
              blockers,
              message: `${migration}: canceling statement due to lock timeout`,
            } as const,
          ]
        : []),
      { event: 'applied', database, migration, tookMs: 9_100 },
      { event: 'done', applied: 1, tookMs: 9_200 },
    ]);
    const [command, ...lines] = recording(name);
    expect(command).toBe(`$ localrag-migrate ${database} migrate`);
    const recorded = lines.filter((line) => line.startsWith('⠹ '));
    // Each is one of today's, as far as the terminal was wide; and what makes the recording is on it.
    for (const line of recorded.map(wordsOf))
      expect(
        live.some((today) => today.startsWith(line)),
        `${line} is none of ${live.join(' | ')}`,
      ).toBe(true);
    expect(recorded.some((line) => (blockers.length > 0 ? /: blocked by pid/ : /\d+ %/).test(line))).toBe(true);
    expect(lines.filter((line) => !line.startsWith('⠹ '))).toEqual([
      ...written.filter((line) => !line.includes(': step ')),
      `Applied 1 migration: ${migration}.`,
    ]);
  },
);
