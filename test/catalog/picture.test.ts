import parseDot from 'dotparser';
import { describe, expect, test } from 'vitest';
import { dot } from '../../src/catalog/dot.ts';
import { mermaid } from '../../src/catalog/mermaid.ts';
import type { CatalogObject } from '../../src/catalog/model.ts';
import { pictureOf } from '../../src/catalog/picture.ts';
import { ROOT, read } from '../docs/documents.ts';
import { blocksOf } from '../docs/markdown.ts';
import { column, index, table } from './samples.ts';

/**
 * Mermaid's grammar of these diagrams, as far as we use it, a line each. Its own parser (201 MB with what it needs) was asked
 * once, at version 12.3.0: it takes docs/schema.md and the picture below.
 */
const QUOTED = '"[^"%\\\\\\r\\n]+"';
const WORD = '[A-Za-z_\\u00C0-\\uFFFF][\\w\\-[\\]()*\\u00C0-\\uFFFF]*';
const GRAMMAR = [
  /^erDiagram$/,
  new RegExp(`^ {2}${QUOTED}( \\{)?$`),
  new RegExp(`^ {4}${WORD} ${WORD}( (PK|FK|UK)(, (PK|FK|UK))*)?( ${QUOTED})?$`),
  /^ {2}\}$/,
  new RegExp(`^ {2}${QUOTED} (\\}o|\\|\\||\\|o)--(o\\{|\\|\\||o\\|) ${QUOTED} : ${QUOTED}$`),
];
const strange = (text: string) => text.split('\n').filter((line) => !GRAMMAR.some((rule) => rule.test(line)));

const ODD = '"Odd ""name"" 100% \\ <b>&"';
const OBJECTS: readonly CatalogObject[] = [
  table(ODD),
  { ...column('x.x', 'numeric(10,2)[]', { required: true }), table: ODD, name: '"1st col"' },
  { ...column('x.x', '"My Type"'), table: ODD, name: 'größe' },
  table('"order"'),
  table('empty'),
  column('"order".key', 'timestamp with time zone', { required: true }),
  column('"order"."to"', 'double precision'),
  index('idx_to', '"order".key', { definition: 'CREATE INDEX idx_to ON "order" USING gin (key)' }),
  { kind: 'constraint', type: 'primary key', table: '"order"', name: 'p', columns: ['key'], definition: '' },
  {
    kind: 'constraint',
    type: 'foreign key',
    table: '"order"',
    name: 'f',
    columns: ['key'],
    references: 'empty',
    definition: '',
  },
  {
    kind: 'constraint',
    type: 'foreign key',
    table: '"order"',
    name: 'g',
    columns: ['"to"'],
    references: '"order"',
    definition: '',
  },
  { kind: 'graph index', name: 'e_idx', type: 'RANGE', entity: 'NODE', labels: ['A B`"c'], properties: ['p q', 'e"'] },
  { kind: 'graph index', name: 'm_idx', type: 'FULLTEXT', entity: 'RELATIONSHIP', labels: ['M'], properties: ['e'] },
];
const PICTURE = pictureOf({
  objects: OBJECTS,
  connections: { labels: ['O', 'Chunk'], links: [{ type: 'A "x"', from: 'O', to: 'Chunk' }] },
});

describe('mermaid', () => {
  const text = mermaid(PICTURE).join('\n');

  test('writes what its grammar takes, whatever the names', () => {
    expect(strange(text)).toEqual([]);
    expect(strange('erDiagram\n  "a" {\n    text 1st\n')).toEqual(['    text 1st', '']);
  });

  test('has tables with columns, keys and indexes; labels and types with theirs; and what connects them', () => {
    expect(text).toContain(
      '"order" {\n    timestamptz key PK, FK "NOT NULL, idx_to gin"\n    double_precision to FK\n  }',
    );
    expect(text).toContain('"order" ||--|| "empty" : "key"');
    expect(text).toContain('"order" }o--o| "order" : "to"');
    expect(text).toContain('"[:M]" {\n    fulltext e "m_idx"\n  }');
    expect(text).toContain('"(:O)" }o--o{ "(:Chunk)" : "A x"');
  });

  test('writes what its grammar takes into docs/schema.md', () => {
    const drawn = blocksOf(read('docs/schema.md')).filter(({ info }) => info === 'mermaid');
    expect(drawn).toHaveLength(2);
    for (const block of drawn) expect(strange(block.text.trimEnd())).toEqual([]);
  });
});

test('dot writes what a parser of the language takes, with every box and line', () => {
  const [graph] = parseDot(dot(PICTURE).join('\n'));
  expect(graph?.type).toBe('digraph');
  const kinds = Map.groupBy(graph?.children ?? [], ({ type }) => type);
  expect(kinds.get('node_stmt')).toHaveLength(PICTURE.boxes.length);
  expect(kinds.get('edge_stmt')).toHaveLength(PICTURE.lines.length);
  expect(JSON.stringify(graph)).toContain(JSON.stringify('Odd "name" 100% ').slice(1, -1));
});

test('the picture in docs/schema.md shows every table, label and type of the schema', () => {
  const text = read('docs/schema.md');
  const { stages } = JSON.parse(read('migrations/schema.json')) as {
    stages: Record<string, { object?: CatalogObject }[]>;
  };
  const objects = Object.values(stages)
    .flat()
    .flatMap(({ object }) => object ?? []);
  for (const { name } of objects.filter(({ kind }) => kind === 'table')) expect(text).toContain(`"${name}" {`);
  for (const { kind, name } of objects)
    if (/index|constraint$/.test(kind) && kind.startsWith('graph')) expect(text, ROOT).toContain(name);
});
