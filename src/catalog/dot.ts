import type { Box, Line, Picture } from './picture.ts';

/** A directed graph for Graphviz: https://graphviz.org/doc/info/lang.html. */
export function dot({ boxes, lines }: Picture): readonly string[] {
  return [
    'digraph schema {',
    '  graph [rankdir=LR];',
    '  node [shape=plaintext, fontname="Helvetica", fontsize=10];',
    '  edge [fontname="Helvetica", fontsize=9];',
    ...boxes.map(boxText),
    ...lines.map(lineText),
    '}',
  ];
}

function boxText({ name, rows }: Box): string {
  const cells = rows.map(({ name: row, type, keys, remarks }) => {
    const [left, right] = [[row, ...keys].join(' '), [type, ...remarks].join(', ')].map(escaped);
    return `<TR><TD ALIGN="LEFT">${left}</TD><TD ALIGN="LEFT">${right}</TD></TR>`;
  });
  const head = `<TR><TD COLSPAN="2" BGCOLOR="lightgrey"><B>${escaped(name)}</B></TD></TR>`;
  return `  ${quoted(name)} [label=<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0">${head}${cells.join('')}</TABLE>>];`;
}

const HEADS = { many: 'crow', one: 'tee', 'maybe one': 'odottee' } as const;

function lineText({ from, to, label, ends: [start, end] }: Line): string {
  const heads = `dir=both, arrowtail=${HEADS[start]}, arrowhead=${HEADS[end]}`;
  return `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(label)}, ${heads}];`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
