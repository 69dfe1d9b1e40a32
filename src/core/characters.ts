/**
 * White space beyond ASCII, and characters that show nothing at all: editors, web pages and chats insert them. Both languages
 * take them for letters of a word. ASCII's space and controls are among them.
 */
export const INVISIBLE = /[\p{Zs}\p{Zl}\p{Zp}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

export function isInvisible(character: string): boolean {
  return character > '\x7f' ? INVISIBLE.test(character) : /[^\P{Cc}\t\n]/u.test(character);
}

const NAMES: Readonly<Record<string, string>> = {
  '\x1a': 'Ctrl-Z',
  '\u0085': 'next line',
  '\u00A0': 'no-break space',
  '\u00AD': 'soft hyphen',
  '\u034F': 'combining grapheme joiner',
  '\u061C': 'Arabic letter mark',
  '\u1680': 'Ogham space mark',
  '\u180E': 'Mongolian vowel separator',
  '\u2000': 'en quad',
  '\u2001': 'em quad',
  '\u2002': 'en space',
  '\u2003': 'em space',
  '\u2004': 'three-per-em space',
  '\u2005': 'four-per-em space',
  '\u2006': 'six-per-em space',
  '\u2007': 'figure space',
  '\u2008': 'punctuation space',
  '\u2009': 'thin space',
  '\u200A': 'hair space',
  '\u200B': 'zero width space',
  '\u200C': 'zero width non-joiner',
  '\u200D': 'zero width joiner',
  '\u200E': 'left-to-right mark',
  '\u200F': 'right-to-left mark',
  '\u2028': 'line separator',
  '\u2029': 'paragraph separator',
  '\u202A': 'left-to-right embedding',
  '\u202B': 'right-to-left embedding',
  '\u202C': 'pop directional formatting',
  '\u202D': 'left-to-right override',
  '\u202E': 'right-to-left override',
  '\u202F': 'narrow no-break space',
  '\u205F': 'medium mathematical space',
  '\u2060': 'word joiner',
  '\u2066': 'left-to-right isolate',
  '\u2067': 'right-to-left isolate',
  '\u2068': 'first strong isolate',
  '\u2069': 'pop directional isolate',
  '\u2800': 'blank Braille pattern',
  '\u3000': 'ideographic space',
  '\u3164': 'Hangul filler',
  '\uFEFF': 'byte order mark',
};

/** U+00A0 (no-break space), and the like. */
export function characterName(character: string): string {
  const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  return `U+${code} (${NAMES[character] ?? (/\p{Cc}/u.test(character) ? 'control character' : 'invisible character')})`;
}

/** What moves a terminal's cursor, colors, ends a line, turns the order of characters around, or takes no place. A tab does none of it. */
export const UNSAFE = /[^\P{Cc}\t]|\p{Bidi_Control}|[\u00AD\u200B\u2028\u2029\u2060-\u2064\uFEFF]/gu;

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r' };

/** A text of any origin on one line, with what is unsafe to print in it as an escape: `\x1b[31m`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = hex(character, 2);
    return ESCAPES[character] ?? (code.length > 2 ? unicodeEscape(character) : `\\x${code}`);
  });
}

/** JSON of the exact value that is safe to print: JSON.stringify escapes C0 alone. */
export function printableJson(value: unknown, indent?: number): string {
  return escapedJson(JSON.stringify(value, null, indent));
}

/** The line breaks are those between the members of an object. */
export function escapedJson(json: string): string {
  return json.replace(UNSAFE, (character) => (character === '\n' ? character : unicodeEscape(character)));
}

function unicodeEscape(character: string): string {
  return `\\u${hex(character, 4)}`;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}
