import { expect } from 'vitest';
import { parseMigration } from '../../src/core/parse.ts';
import type { Engine, LockedEngine } from '../../src/engine/engine.ts';
import { MigrateError } from '../../src/errors.ts';

/** A database whose migration lock is held for as long as a test file needs it: one session for many migrations. */
export interface Held {
  /** Applies a migration that the database refuses; throws where it does not, or where the file itself is not valid. */
  refused(name: string, file: string | Uint8Array): Promise<MigrateError>;
  applied(name: string, file: string): Promise<void>;
  release(): Promise<void>;
}

export async function hold(engine: Engine): Promise<Held> {
  const { signal } = new AbortController();
  const given = Promise.withResolvers<LockedEngine>();
  const end = Promise.withResolvers<void>();
  const ended = engine.locked(signal, (db) => {
    given.resolve(db);
    return end.promise;
  });
  ended.catch(given.reject);
  const db = await given.promise;
  const applied = (name: string, file: string | Uint8Array) => {
    const { migration, problems } = parseMigration(name, Buffer.from(file));
    expect(problems).toEqual([]);
    return db.apply(migration as NonNullable<typeof migration>, 0, signal);
  };
  return {
    applied,
    refused: async (name, file) => {
      const error = await applied(name, file).then(
        () => new Error('nothing was refused'),
        (error: unknown) => error,
      );
      if (error instanceof MigrateError) return error;
      throw error;
    },
    release: () => {
      end.resolve();
      return ended;
    },
  };
}
