import type { Token } from './lexer.ts';
import { identifier } from './sql.ts';

/** The value of a boolean option by its name; undefined if the statement does not have it, or with another value. */
export type BooleanOption = (name: string) => boolean | undefined;

/**
 * The options of a list in parentheses: `(VERBOSE, CONCURRENTLY false)`, `WITH (connect = 'off')`. As in PostgreSQL, a name
 * alone means true, and names and values may be quoted.
 *
 * @param opening the place of the parenthesis
 */
export function booleanOptions(tokens: readonly Token[], opening: number): BooleanOption {
  const options = new Map<string, boolean | undefined>();
  if (tokens[opening]?.text === '(') {
    let option: Token[] = [];
    for (const token of tokens.slice(opening + 1)) {
      if (token.kind !== 'symbol' || token.text === '=') option.push(token);
      if (token.text !== ',' && token.text !== ')') continue;
      const [name, ...value] = option.filter(({ text }) => text !== '=');
      // The last one counts where PostgreSQL takes several.
      if (name !== undefined) options.set(identifier(name) ?? '', booleanOf(value));
      option = [];
      if (token.text === ')') break;
    }
  }
  return (name) => options.get(name);
}

function booleanOf([value, ...more]: readonly Token[]): boolean | undefined {
  if (value === undefined) return true;
  if (more.length > 0) return undefined;
  const word = /^(?:'(.*)'|"(.*)"|(.*))$/s.exec(value.text)?.slice(1).join('').toLowerCase() ?? '';
  if (['true', 'on', 'yes', '1'].includes(word)) return true;
  return ['false', 'off', 'no', '0'].includes(word) ? false : undefined;
}
