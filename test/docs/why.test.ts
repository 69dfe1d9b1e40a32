import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROOT, read } from './documents.ts';

interface Row {
  readonly number: string;
  /** `file › title` */
  readonly held: readonly string[];
}

const ROWS: readonly Row[] = [...read('docs/why.md').matchAll(/^\| (\d+) \|.*\| (.*) \|$/gm)].map(
  ([, number = '', held = '']) => ({ number, held: held.split('<br>') }),
);

/** Whether a file has a test, a group of tests or a case of this title; a value in brackets may stand behind it. */
function isTitled(source: string, title: string): boolean {
  const text = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(['"\`])${text}( \\([^'"\`]*\\))?\\1`).test(source);
}

test('each of the 25 has its row', () => {
  expect(ROWS.map(({ number }) => Number(number))).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
});

test.each(ROWS)('$number is held by tests that exist', ({ held }) => {
  for (const each of held) {
    const [, file = '', title = ''] = /^`(test\/[^`]+)` › (.+)$/.exec(each) ?? [];
    expect(existsSync(`${ROOT}/${file}`), each).toBe(true);
    expect(isTitled(read(file), title), each).toBe(true);
  }
});

test('a title that is not there is found', () => {
  const source = "test('a b', f);\ntest.each([\n  ['c d', 1],\n])('%s', f);\ntest(`e (seed 7)`, f);";
  expect(['a b', 'c d', 'e'].filter((title) => isTitled(source, title))).toEqual(['a b', 'c d', 'e']);
  expect(['a', 'b', 'c', 'seed', 'a b c'].filter((title) => isTitled(source, title))).toEqual([]);
});
