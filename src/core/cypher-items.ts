import { cypherName, keyword } from './cypher.ts';
import type { Token } from './lexer.ts';

/** The names that items give: behind AS; with `alone` also those that are a name and nothing else. */
export function aliases(tokens: readonly Token[], alone = false): readonly string[] {
  return itemsOf(tokens).flatMap((item) => {
    const last = cypherName(item.at(-1));
    if (last === undefined) return [];
    return keyword(item.at(-2)) === 'AS' || (alone && item.length === 1) ? [last] : [];
  });
}

export function isItem(tokens: readonly Token[], name: string): boolean {
  return itemsOf(tokens).some((item) => item.length === 1 && cypherName(item[0]) === name);
}

function itemsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const items: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'symbol' && '([{'.includes(token.text)) depth++;
    if (token.kind === 'symbol' && ')]}'.includes(token.text)) depth--;
    if (depth === 0 && token.text === ',') items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
}

export function namesOf(tokens: readonly Token[]): readonly string[] {
  return itemsOf(tokens).flatMap((item) => (item.length === 1 ? (cypherName(item[0]) ?? []) : []));
}

/** The variables whose properties or labels SET and REMOVE change; `SET n += {}` changes nothing. */
export function changedBy(tokens: readonly Token[]): readonly string[] {
  return itemsOf(tokens).flatMap((item) => {
    const rest = item
      .slice(1)
      .map(({ text }) => text)
      .join('');
    return rest === '+={}' ? [] : (cypherName(item[0]) ?? []);
  });
}
