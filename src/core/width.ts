/**
 * Columns that a terminal gives to a character, as wcwidth counts them: two for what East Asian Width calls wide and for
 * emoji, none for what is drawn over the character before it. Terminals that join emoji (👨‍👩‍👧) into one show less.
 * https://www.unicode.org/reports/tr11/
 */
export function columnsOf(character: string): 0 | 1 | 2 {
  if (character < '\u0300') return 1;
  if (NONE.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Combining marks, joiners and variation selectors, and the vowels and finals that a Hangul syllable is made of. */
const NONE = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11FF]/u;

/** Scripts whose characters are squares, full-width forms, and what is shown as an emoji by itself. Flags are two letters of one column. */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u3247\u3250-\u4DBF\u4E00-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{1F200}-\u{1F265}\u{20000}-\u{3FFFD}]|(?!\p{RI})\p{Emoji_Presentation}/u;
