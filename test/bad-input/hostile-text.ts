import { expect } from 'vitest';

/** Text that colors, erases, overwrites, ends a line and begins another, and turns the order of characters around. */
export const HOSTILE = 'x\x1b[31mred\x1b[2K\rfake: cr\nfake: lf\x07\x7f\x9b1A\u0085fake: nel\u202efake\u2028fake: ls';

/** How it is shown on one line. */
export const SHOWN =
  'x\\x1b[31mred\\x1b[2K\\rfake: cr\\nfake: lf\\x07\\x7f\\x9b1A\\x85fake: nel\\u202efake\\u2028fake: ls';

/** The same as a literal of SQL. */
export const IN_SQL = `E'${[...HOSTILE].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}'`;

/** Nothing in the text moves a cursor, and no line of it was begun by a message. */
export function expectOneLineEach(text: string): void {
  expect(text).not.toMatch(/[^\P{Cc}\n\t]|\p{Bidi_Control}|[\u2028\u2029]/u);
  expect(text).not.toMatch(/^\s*fake/m);
}
