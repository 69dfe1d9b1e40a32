import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { excerpt, locate, offsetOfCodePoint } from '../../src/core/source.ts';
import { columnsOf } from '../../src/core/width.ts';

test.each([
  ['', 0, 1, 1],
  ['abc', 2, 1, 3],
  ['a\nb', 1, 1, 2],
  ['a\nb', 2, 2, 1],
  ['a\n\n\nb', 4, 4, 1],
  ['😀b', 2, 1, 2],
  ['é\n😀😀x', 6, 2, 3],
  ['a\n', 2, 2, 1],
])('%j at %i is line %i, column %i', (text, offset, line, column) => {
  expect(locate(text, offset)).toEqual({ line, column });
});

describe('an excerpt', () => {
  test('shows two lines before, and a caret', () => {
    const text = 'one\ntwo\nthree\nfour five\nsix';
    expect(excerpt(text, text.indexOf('five'))).toBe('2 | two\n3 | three\n4 | four five\n  |      ^');
    expect(excerpt(text, 0)).toBe('1 | one\n  | ^');
    expect(excerpt(text, 4)).toBe('1 | one\n2 | two\n  | ^');
  });

  test('shows empty lines, and the end of the text', () => {
    expect(excerpt('\n\nx', 2)).toBe('1 |\n2 |\n3 | x\n  | ^');
    expect(excerpt('a\n', 2)).toBe('1 | a\n2 |\n  | ^');
    expect(excerpt('', 0)).toBe('1 |\n  | ^');
    expect(excerpt('a\nb', 1)).toBe('1 | a\n  |  ^');
  });

  test('lines numbers up', () => {
    const text = 'x\n'.repeat(100);
    expect(excerpt(text, 200 - 2)).toBe(' 98 | x\n 99 | x\n100 | x\n    | ^');
  });

  test('keeps tabs, so that the caret stands right', () => {
    expect(excerpt('\ta\t\tb', 4)).toBe('1 | \ta\t\tb\n  | \t \t\t^');
  });

  test.each([
    ['an emoji takes two columns', '😀é😀', '     '],
    ['so does a character of Chinese, Japanese or Korean', '表ひカ한，', '          '],
    ['a letter beyond 16 bits takes one', '𝔞𝔟', '  '],
    ['a combining mark is drawn over its letter', 'e\u0301a\u0308', '  '],
    ['so are a variation selector, a joiner and the parts of a syllable', 'x\uFE0F\u200Dy한', '    '],
    ['a flag takes two', '🇩🇪', '  '],
    ['half-width kana take one', 'ｱｲ', '  '],
  ])('%s', (_, before, padding) => {
    expect(excerpt(`${before}x`, before.length)).toBe(`1 | ${before}x\n  | ${padding}^`);
  });

  test('cuts long lines around the caret', () => {
    const text = `${'a'.repeat(5000)}X${'b'.repeat(5000)}`;
    const [line = '', caret = ''] = excerpt(text, 5000).split('\n');
    expect(line).toMatch(/^1 \| …a{60}Xb{59}…$/);
    expect(line[caret.indexOf('^')]).toBe('X');
    expect(excerpt(`${'c'.repeat(500)}\nX`, 501).split('\n')[0]).toBe(`1 | ${'c'.repeat(120)}…`);
  });

  test('cuts wide characters sooner, and no combining mark off its letter', () => {
    const wide = `${'表'.repeat(5000)}X${'表'.repeat(5000)}`;
    expect(excerpt(wide, 5000)).toBe(`1 | …${'表'.repeat(30)}X${'表'.repeat(29)}…\n  | ${' '.repeat(61)}^`);
    const marked = `${'e\u0301'.repeat(5000)}X`;
    expect(excerpt(marked, 10_000)).toBe(`1 | …${'e\u0301'.repeat(30)}X\n  | ${' '.repeat(31)}^`);
    const odd = `${'a'.repeat(20)}e\u0301${'b'.repeat(59)}X`;
    expect(excerpt(odd, odd.length - 1)).toBe(`1 | …${'b'.repeat(59)}X\n  | ${' '.repeat(60)}^`);
  });

  test('shows a terminal nothing that moves its cursor or turns its text around', () => {
    expect(excerpt('a\u001b[31mb\u0007c', 7)).toBe('1 | a\uFFFD[31mb\uFFFDc\n  |        ^');
    expect(excerpt('/*\u202E*/ x', 6)).toBe('1 | /*\uFFFD*/ x\n  |       ^');
  });

  test('has its caret under the character, whatever stands before it', () => {
    const character = fc.constantFrom('a', '\t', '😀', 'é', 'e\u0301', '表', ' ', '\u001b', '\u0085', '\u202E');
    const columns = (text: string) => [...text].reduce((sum, each) => sum + columnsOf(each), 0);
    fc.assert(
      fc.property(fc.array(character, { maxLength: 300 }), fc.array(character, { maxLength: 300 }), (before, after) => {
        const prefix = before.join('');
        const lines = excerpt(`x\n${prefix}X${after.join('')}`, 2 + prefix.length).split('\n');
        const [line = '', caret = ''] = lines.slice(1);
        const [shownBefore = ''] = line.split('X');
        // Tabs stand in both lines, at the same columns.
        expect(columns(caret.slice(0, -1))).toBe(columns(shownBefore));
        expect(caret.match(/\t/g)?.length).toBe(shownBefore.match(/\t/g)?.length);
        expect(columns(line)).toBeLessThanOrEqual(4 + 122);
      }),
    );
  });
});

test('a code point has one offset', () => {
  expect(offsetOfCodePoint('a😀b', 0)).toBe(0);
  expect(offsetOfCodePoint('a😀b', 2)).toBe(3);
  expect(offsetOfCodePoint('ab', 9)).toBe(2);
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '\n', 'é', '😀', '\ud800'), maxLength: 20 }),
      fc.nat({ max: 20 }),
      (text, count) => {
        expect(text.slice(0, offsetOfCodePoint(text, count))).toBe([...text].slice(0, count).join(''));
      },
    ),
  );
});
