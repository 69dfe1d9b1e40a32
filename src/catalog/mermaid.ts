import type { Box, Line, Picture } from './picture.ts';

/** One entity relationship diagram of Mermaid: https://mermaid.js.org/syntax/entityRelationshipDiagram.html. */
export function mermaid({ boxes, lines }: Picture): readonly string[] {
  return ['erDiagram', ...boxes.flatMap(boxLines), ...lines.map(lineText)];
}

function boxLines({ name, rows }: Box): readonly string[] {
  if (rows.length === 0) return [`  ${quoted(name)}`];
  return [
    `  ${quoted(name)} {`,
    ...rows.map(({ name: row, type, keys, remarks }) =>
      [`    ${word(shortType(type))}`, word(row), keys.join(', '), remarks.length > 0 ? quoted(remarks.join(', ')) : '']
        .filter(Boolean)
        .join(' '),
    ),
    '  }',
  ];
}

/** Crow's feet: what stands at the line's beginning, and at its end. */
const ENDS = { many: ['}o', 'o{'], one: ['||', '||'], 'maybe one': ['|o', 'o|'] } as const;

function lineText({ from, to, label, ends: [start, end] }: Line): string {
  return `  ${quoted(from)} ${ENDS[start][0]}--${ENDS[end][1]} ${quoted(to)} : ${quoted(label)}`;
}

const SHORT: Readonly<Record<string, string>> = {
  'character varying': 'varchar',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
};

function shortType(type: string): string {
  return type.replace(/^(?:character varying|timestamp with(?:out)? time zone)/, (name) => SHORT[name] ?? name);
}

/** Types and names of attributes are single words, of few characters. */
function word(text: string): string {
  const plain = text.replaceAll(',', '-').replace(/[^\w()[\]*\u00C0-\uFFFF-]+/g, '_');
  return /^[A-Za-z_\u00C0-\uFFFF]/.test(plain) ? plain : `_${plain}`;
}

/** Quotes, backslashes and percent signs are left out: Mermaid has no way to write them. */
function quoted(text: string): string {
  return `"${text.replace(/["\\%]/g, '').replace(/\s+/g, ' ')}"`;
}
