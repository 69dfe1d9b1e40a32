import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Spread } from './measure.ts';
import type { Kept, Row } from './results.ts';

const PAGE = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const PLOT = fileURLToPath(new URL('../docs/performance.svg', import.meta.url));
const BEGIN = '<!-- measured by npm run bench -->';
const END = '<!-- /measured -->';

/** Puts what was measured into docs/performance.md, and draws it beside; returns the tables. */
export async function writePage(kept: Kept): Promise<string> {
  const page = await readFile(PAGE, 'utf8');
  const [before = '', rest = ''] = page.split(BEGIN);
  const [, after = ''] = rest.split(END);
  const tables = measured(kept);
  await writeFile(PAGE, `${before}${BEGIN}\n\n${tables}\n${END}${after}`);
  await writeFile(PLOT, plot(kept));
  return tables;
}

function measured({ machine, missing, cases }: Kept): string {
  const facts = Object.entries(machine).map(([name, value]) => `${name}: ${value}`);
  const tables = Object.entries(cases).map(([name, rows]) => `### ${name}\n\n${table(rows)}\n`);
  const gone = Object.entries(missing).map(([name, reason]) => `- ${name}: \`${reason}\``);
  return [
    `${facts.join('; ')}.\n`,
    ...tables,
    ...(gone.length > 0 ? ['### Not to be had, or failed\n', ...gone, ''] : []),
  ].join('\n');
}

function table(rows: readonly Row[]): string {
  const first = rows[0]?.wall.median ?? 1;
  const lines = rows.map(
    ({ tool, runs, wall, cpu, memory }) =>
      `| ${tool} | ${runs} | ${milliseconds(wall)} | ${milliseconds(cpu)} | ${Math.round(memory.median)} | ${(wall.median / first).toFixed(2)} |`,
  );
  const head =
    '| | runs | wall ms | CPU ms | peak MB | wall, as a multiple of the first |\n| --- | --: | --: | --: | --: | --: |';
  return `${head}\n${lines.join('\n')}`;
}

function milliseconds({ median, least, most }: Spread): string {
  return least === most ? `${Math.round(median)}` : `${Math.round(median)} (${Math.round(least)}–${Math.round(most)})`;
}

const WIDTH = 720;
const LABEL = 230;
const BAR = 18;

/** A bar for each tool of each case: the median of the wall time, and a line from the smallest to the largest. */
function plot({ cases }: Kept): string {
  let y = 10;
  const parts: string[] = [];
  for (const [name, rows] of Object.entries(cases)) {
    y += 22;
    parts.push(`<text x="0" y="${y}" font-weight="bold">${escaped(name)}</text>`);
    const longest = Math.max(...rows.map(({ wall }) => wall.most));
    const x = (value: number) => LABEL + (value / longest) * (WIDTH - LABEL - 90);
    for (const { tool, wall } of rows) {
      y += BAR + 4;
      const middle = y - BAR / 2 + 3;
      const colour = tool.startsWith('ours') ? '#1f77b4' : '#b0b0b0';
      parts.push(
        `<text x="8" y="${y}">${escaped(tool)}</text>`,
        `<rect x="${LABEL}" y="${y - BAR + 5}" width="${(x(wall.median) - LABEL).toFixed(1)}" height="${BAR - 4}" fill="${colour}"/>`,
        `<line x1="${x(wall.least).toFixed(1)}" y1="${middle}" x2="${x(wall.most).toFixed(1)}" y2="${middle}" stroke="#333"/>`,
        `<text x="${(x(wall.most) + 6).toFixed(1)}" y="${y}">${Math.round(wall.median)} ms</text>`,
      );
    }
    y += 10;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 10}" font-family="sans-serif" font-size="12">
<title>Wall times</title>
<rect width="100%" height="100%" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
