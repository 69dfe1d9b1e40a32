import { expect, test } from 'vitest';
import { piecesOf } from '../../src/core/pieces.ts';

test('pieces are the text, and none ends inside a character', () => {
  for (const length of [2, 3, 4]) {
    const text = 'a😀b😀😀cd';
    const pieces = [...piecesOf(text, length)];
    expect(pieces.join('')).toBe(text);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(length);
      expect(piece.isWellFormed()).toBe(true);
    }
  }
  expect([...piecesOf('')]).toEqual([]);
});
