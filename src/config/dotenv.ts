import type { Environment } from '../config.ts';

/*
 * `.env` means what python-dotenv means by it, because LocalRAG reads the same file with it. The grammar is that of
 * https://github.com/theskumar/python-dotenv/blob/main/src/dotenv/parser.py; test/config/dotenv-reference.test.ts
 * compares the two.
 */

/** What Python's `\s` matches. JavaScript's has U+FEFF in it, and neither U+001C to U+001F nor U+0085. */
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
/** The same without line breaks. */
const BLANK = SPACE.replace('\\t-\\r', '\\t\\v\\f');

const here = (pattern: string) => new RegExp(pattern, 'y');
const SPACES = here(`[${SPACE}]*`);
const BLANKS = here(`[${BLANK}]*`);
const EXPORT = here(`(?:export[${BLANK}]+)?`);
const QUOTED_KEY = here("'([^']+)'");
const KEY = here(`([^=#${SPACE}]+)`);
const EQUALS = here(`=([${BLANK}]*)`);
const SINGLE_QUOTED = here("'((?:\\\\[^]|[^'\\\\])*)'");
const DOUBLE_QUOTED = here('"((?:\\\\[^]|[^"\\\\])*)"');
const UNQUOTED = here('([^\\n]*)');
const COMMENT = here(`(?:[${BLANK}]*#[^\\n]*)?`);
const END_OF_LINE = here(`[${BLANK}]*(?:\\n|$)`);
const REST_OF_LINE = here('[^\\n]*\\n?');

const INLINE_COMMENT = new RegExp(`[${SPACE}]+#.*`, 's');
const TRAILING_SPACES = new RegExp(`[${SPACE}]+$`);

/** What a backslash before a letter means in double quotes; before another character it means that character. */
const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The place up to which a text has been read. */
class Reader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get next(): string {
    return this.#text.charAt(this.#position);
  }

  get line(): number {
    return this.#text.slice(0, this.#position).split('\n').length;
  }

  /** Reads what matches here, and returns its group; undefined, and nothing is read, if nothing matches. */
  read(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#position = pattern.lastIndex;
    return match[1] ?? '';
  }
}

/**
 * The variables of a `.env` text. A name without `=` has no value.
 * @param env what `${NAME}` takes from outside of the file. A name that the file has set above wins over it.
 * @param onUnreadable called with the number of each line that is passed over, because it is no assignment.
 */
export function parseDotenv(text: string, env: Environment, onUnreadable: (line: number) => void): Environment {
  // As Python opens a file: every line break is one \n, in quotes too.
  const reader = new Reader(text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'));
  const variables = new Map<string, string | undefined>();
  for (;;) {
    reader.read(SPACES);
    if (reader.next === '') return Object.fromEntries(variables);
    const { line } = reader;
    const assignment = readAssignment(reader);
    if (assignment === undefined || reader.read(END_OF_LINE) === undefined) {
      onUnreadable(line);
      reader.read(REST_OF_LINE);
    } else if (assignment.key !== undefined) {
      variables.set(assignment.key, assignment.value && interpolate(assignment.value, variables, env));
    }
  }
}

/** Without a key: a comment. Undefined: neither a comment nor an assignment. */
function readAssignment(reader: Reader): { readonly key?: string; readonly value?: string | undefined } | undefined {
  reader.read(EXPORT);
  if (reader.next === '#') {
    reader.read(COMMENT);
    return {};
  }
  const key = reader.read(reader.next === "'" ? QUOTED_KEY : KEY);
  if (key === undefined) return undefined;
  reader.read(BLANKS);
  const blanks = reader.read(EQUALS);
  const value = blanks === undefined ? undefined : readValue(reader, blanks);
  if (blanks !== undefined && value === undefined) return undefined;
  reader.read(COMMENT);
  return { key, value };
}

/** Undefined: a quote is not closed. */
function readValue(reader: Reader, blanksBefore: string): string | undefined {
  switch (reader.next) {
    case "'":
      return reader.read(SINGLE_QUOTED)?.replace(/\\([\\'])/g, '$1');
    case '"':
      return reader
        .read(DOUBLE_QUOTED)
        ?.replace(/\\([\\'"abfnrtv])/g, (_, character) => ESCAPES[character] ?? character);
    case '#':
      // A comment only after a space: a password may begin with #.
      if (blanksBefore !== '') return '';
  }
  return reader.read(UNQUOTED)?.replace(INLINE_COMMENT, '').replace(TRAILING_SPACES, '');
}

/** `${NAME}` and `${NAME:-default}`, in quotes too; the default is for a name that is not set, not for an empty one. */
function interpolate(value: string, variables: ReadonlyMap<string, string | undefined>, env: Environment): string {
  return value.replace(/\$\{([^}:]*)(?::-([^}]*))?\}/g, (_, name: string, otherwise = '') => {
    if (variables.has(name)) return variables.get(name) ?? '';
    return (Object.hasOwn(env, name) ? env[name] : undefined) ?? otherwise;
  });
}
