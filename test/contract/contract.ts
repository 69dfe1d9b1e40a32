import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database, Migration } from '../../src/core/migration.ts';
import { parseMigration } from '../../src/core/parse.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { MigrateError } from '../../src/errors.ts';

/** One kind of database under test. Each engine that `open` gives has a connection of its own. */
export interface Subject {
  readonly database: Database;
  open(): Engine;
  /** Everything that a reader could have left behind, as text. */
  snapshot(): Promise<string>;
  /** How often the work of a statement from `statements` has taken effect. */
  count(tag: string): Promise<number>;
  end(): Promise<void>;
}

/** Texts whose effects `count` can count, in the language of the database. */
export interface Language {
  readonly extension: 'sql' | 'cypher';
  insert(tag: string): string;
  readonly refused: string;
  /** Runs until it is cancelled. */
  readonly endless: string;
}

const unlimited = new AbortController().signal;

/** What every engine promises, whatever is behind it. */
export function engineContract(name: string, language: Language, setup: () => Promise<Subject>): void {
  describe(`${name}: the engine contract`, () => {
    let subject: Subject;
    const opened: Engine[] = [];
    const open = () => {
      const engine = subject.open();
      opened.push(engine);
      return engine;
    };
    beforeEach(async () => {
      subject = await setup();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((engine) => engine.close()));
      await subject.end();
    });

    const file = (version: number, text: string, slug = 'test'): Migration => {
      const parsed = parseMigration(
        `${String(version).padStart(3, '0')}_${slug}.${language.extension}`,
        Buffer.from(text),
      );
      expect(parsed.problems).toEqual([]);
      if (parsed.migration === undefined) throw new Error('unreachable');
      return parsed.migration;
    };
    const apply = (engine: Engine, ...migrations: Migration[]) =>
      engine.locked(unlimited, async (db) => {
        for (const migration of migrations) await db.apply(migration, 0, unlimited);
      });

    test('reading an empty database finds an empty history and leaves it empty', async () => {
      const before = await subject.snapshot();
      const engine = open();
      await engine.ping(unlimited);
      expect((await engine.history(unlimited)).entries).toEqual([]);
      await engine.catalog(unlimited);
      await engine.health(unlimited);
      expect(await subject.snapshot()).toBe(before);
    });

    test('work and record come together', async () => {
      const migration = file(1, `${language.insert('a')};\n${language.insert('b')};\n`);
      await apply(open(), migration);
      const { entries } = await open().history(unlimited);
      expect(entries).toMatchObject([
        {
          name: migration.name,
          version: 1,
          state: 'applied',
          checksum: migration.checksum,
          stepsDone: 1,
          stepsTotal: 1,
        },
      ]);
      expect(entries[0]?.appliedAt?.getTime()).toBeGreaterThan(Date.now() - 3_600_000);
      expect([await subject.count('a'), await subject.count('b')]).toEqual([1, 1]);
    });

    test('a refused migration leaves neither work nor record, and the ones before it stay', async () => {
      const good = file(1, `${language.insert('good')};\n`);
      const bad = file(2, `${language.insert('bad')};\n${language.refused};\n`);
      await expect(apply(open(), good, bad)).rejects.toMatchObject({ kind: 'failed' });
      expect((await open().history(unlimited)).entries.map((entry) => entry.name)).toEqual([good.name]);
      expect([await subject.count('good'), await subject.count('bad')]).toEqual([1, 0]);
    });

    test('a migration that stands in the history already cannot be applied again', async () => {
      const migration = file(1, `${language.insert('once')};\n`);
      await apply(open(), migration);
      await apply(open(), migration).catch(() => {});
      expect(await subject.count('once')).toBe(1);
    });

    test('five racers: one at a time, and each sees what the ones before it did', async () => {
      let inside = 0;
      const migration = file(1, `${language.insert('race')};\n`);
      const applied = await Promise.all(
        Array.from({ length: 5 }, () =>
          open().locked(unlimited, async (db) => {
            expect(++inside).toBe(1);
            const { entries } = await db.history(unlimited);
            if (entries.length === 0) await db.apply(migration, 0, unlimited);
            inside--;
            return entries.length === 0;
          }),
        ),
      );
      expect(applied.filter(Boolean)).toHaveLength(1);
      expect(await subject.count('race')).toBe(1);
    });

    test('an abort ends the statement that runs, rolls back, and frees the lock', async () => {
      const stop = new AbortController();
      const reason = new MigrateError('terminated', 'stopped');
      const migration = file(1, `${language.insert('aborted')};\n${language.endless};\n`);
      const running = open().locked(stop.signal, (db) => {
        setTimeout(() => stop.abort(reason), 300);
        return db.apply(migration, 0, stop.signal);
      });
      await expect(running).rejects.toBe(reason);
      const next = file(1, `${language.insert('next')};\n`);
      await apply(open(), next);
      expect([await subject.count('aborted'), await subject.count('next')]).toEqual([0, 1]);
    });

    test('an error inside the lock gives it back', async () => {
      await expect(open().locked(unlimited, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
      await open().locked(unlimited, async () => {});
    });

    test('whoever waits for the lock stops waiting when aborted', async () => {
      const stop = new AbortController();
      const reason = new MigrateError('interrupted', 'stopped');
      await open().locked(unlimited, async () => {
        const waiting = open().locked(stop.signal, async () => 'never');
        setTimeout(() => stop.abort(reason), 200);
        await expect(waiting).rejects.toBe(reason);
      });
    });

    test('amend: baseline, rechecksum, forget, and a change that does not find its entry', async () => {
      const one = file(1, `${language.insert('one')};\n`);
      const edited = file(1, `${language.insert('one')};\n\n`);
      const amend = async (...changes: Parameters<Parameters<Parameters<Engine['locked']>[1]>[0]['amend']>[0][]) => {
        for (const change of changes) await open().locked(unlimited, (db) => db.amend(change, unlimited));
        return (await open().history(unlimited)).entries;
      };
      const [recorded] = await amend([{ kind: 'record', migration: one, state: 'baseline' }]);
      expect(recorded).toMatchObject({ state: 'baseline', checksum: one.checksum, version: 1 });
      const [rechecked] = await amend([{ kind: 'rechecksum', migration: edited }]);
      expect(rechecked?.checksum).toBe(edited.checksum);
      expect(rechecked?.checksum).not.toBe(one.checksum);
      expect(await amend([{ kind: 'forget', entry: rechecked ?? (recorded as never) }])).toEqual([]);
      await expect(amend([{ kind: 'rechecksum', migration: edited }])).rejects.toMatchObject({ kind: 'source' });
      await amend([{ kind: 'record', migration: one, state: 'baseline' }]);
      expect(await amend([{ kind: 'forget-all' }])).toEqual([]);
      expect(await subject.count('one')).toBe(0);
    });
  });
}
