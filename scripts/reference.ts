import type { CatalogObject } from '../src/catalog/model.ts';
import { type Reference, type Stage, stagesOf } from '../src/catalog/reference.ts';
import type { Migration } from '../src/core/migration.ts';
import type { Engine } from '../src/engine/engine.ts';

/** What these files make of empty databases, read after each of them. Files of a database without an engine are left out. */
export async function referenceOf(files: readonly Migration[], engines: readonly Engine[]): Promise<Reference> {
  const signal = AbortSignal.timeout(600_000);
  const stages: Record<Migration['database'], readonly Stage[]> = { postgres: [], neo4j: [] };
  for (const engine of engines) {
    let before: readonly CatalogObject[] = (await engine.catalog(signal)).objects;
    if (before.some(({ kind }) => kind !== 'extension'))
      throw new Error(`${engine.database} is not empty: what stands there would pass for the migrations' work`);
    // Installed beforehand or not: the first file that asks for it brings it.
    before = [];
    for (const file of files.filter(({ database }) => database === engine.database)) {
      await engine.locked(signal, (db) => db.apply(file, 0, signal));
      const { objects } = await engine.catalog(signal);
      stages[engine.database] = [...stages[engine.database], ...stagesOf(file.name, before, objects)];
      before = objects;
    }
  }
  return { format: 1, files: Object.fromEntries(files.map(({ name, checksum }) => [name, checksum])), stages };
}

/** A line for each stage, so that a change shows as what it is. */
export function referenceText({ format, files, stages }: Reference): string {
  const list = (items: readonly string[]) => items.map((item) => `\n    ${item}`).join(',');
  const object = (entries: Readonly<Record<string, string>>) =>
    list(Object.entries(entries).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`));
  const both = (['postgres', 'neo4j'] as const).map(
    (database) => `    "${database}": [${list(stages[database].map((stage) => `  ${JSON.stringify(stage)}`))}\n    ]`,
  );
  return `{\n  "format": ${format},\n  "files": {${object(files)}\n  },\n  "stages": {\n${both.join(',\n')}\n  }\n}\n`;
}
