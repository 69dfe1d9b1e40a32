import { characterName, isInvisible } from './characters.ts';
import type { Span } from './migration.ts';
import type { Fault } from './source.ts';

/** These belong to the letter or the picture before them: in Persian and Indic scripts, and in emojis. */
const JOINING = /\u200C|\u200D|[\uFE00-\uFE0F]/;

/** The first of each character among `words`, which are outside of strings, quoted names and comments. */
export function invisibleFaults(text: string, words: readonly Span[]): readonly Fault[] {
  const found = new Map<string, { offset: number; count: number }>();
  for (const { start, end } of words) {
    let previous = '';
    let offset = start;
    for (const character of text.slice(start, end)) {
      const belongs = JOINING.test(character) && previous > '\x7f' && !isInvisible(previous);
      if (isInvisible(character) && !belongs) {
        const known = found.get(character);
        if (known === undefined) found.set(character, { offset, count: 1 });
        else known.count += 1;
      } else previous = character;
      offset += character.length;
    }
  }
  return [...found].map(([character, { offset, count }]) => ({
    offset,
    message: `${characterName(character)} outside of strings, quoted names and comments${count > 1 ? `, ${count} times` : ''}: ${reading(character)}`,
    hint: hintOf(character),
  }));
}

function reading(character: string): string {
  return character < '\x80' ? 'the database does not take it' : 'the database takes it for a part of a word';
}

function hintOf(character: string): string {
  if (character === '\uFEFF') return 'remove it: it begins a file, and files that were joined have it in the middle';
  if (/[\u0085\u2028\u2029]/.test(character)) return 'replace it with a line break';
  if (/\p{Zs}/u.test(character))
    return 'replace it with a plain space: text copied from a web page, a chat or a word processor often has it';
  return 'remove it: text copied from a web page, a chat or a word processor often has it';
}
