import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a tool wants its files: ours and psql as they are, the others with their own names and headings. */
export type Format =
  | 'plain'
  | 'goose'
  | 'tern'
  | 'golang-migrate'
  | 'node-pg-migrate'
  | 'flyway'
  | 'liquibase'
  | 'neo4j-migrations';

interface Form {
  readonly name: (number: number) => string;
  readonly text?: (text: string, number: number) => string;
}

const digits = (number: number, width: number) => String(number).padStart(width, '0');

const FORMS: Readonly<Record<Format, Form>> = {
  plain: { name: (number) => `${digits(number, 5)}_made.sql` },
  goose: { name: (number) => `${digits(number, 5)}_made.sql`, text: (text) => `-- +goose Up\n${text}` },
  tern: { name: (number) => `${digits(number, 5)}_made.sql` },
  'golang-migrate': { name: (number) => `${digits(number, 5)}_made.up.sql` },
  'node-pg-migrate': {
    name: (number) => `${1_700_000_000_000 + number}_made.sql`,
    text: (text) => `-- Up Migration\n${text}`,
  },
  flyway: { name: (number) => `V${number}__made.sql` },
  liquibase: {
    name: (number) => `${digits(number, 5)}_made.sql`,
    text: (text, number) => `--liquibase formatted sql\n--changeset bench:${number} splitStatements:false\n${text}`,
  },
  'neo4j-migrations': { name: (number) => `V${digits(number, 5)}__made.cypher` },
};

/** A new directory with these migrations, numbered from 1, for each format. */
export async function directories(
  formats: readonly Format[],
  texts: readonly string[],
  ending: 'sql' | 'cypher' = 'sql',
): Promise<ReadonlyMap<Format, string>> {
  const root = await mkdtemp(join(tmpdir(), 'bench-'));
  const made = new Map<Format, string>();
  for (const format of new Set(formats)) {
    const directory = join(root, format);
    await mkdir(directory);
    const { name, text = (text: string) => text } = FORMS[format];
    for (const [index, each] of texts.entries())
      await writeFile(join(directory, name(index + 1).replace(/(sql|cypher)$/, ending)), text(each, index + 1));
    made.set(format, directory);
  }
  return made;
}
