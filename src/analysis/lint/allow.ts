import type { Migration } from '../../core/migration.ts';
import { nearest } from '../../core/nearest.ts';
import { unknownRule, unusedAllow } from './built-in.ts';
import type { Judgement } from './judge.ts';
import { RULES } from './rules.ts';

const NAMES = RULES.map(({ id }) => id);

/** What is wrong with a file's own exceptions. `found`: what the rules find in it without them. */
export function allowFindings(
  file: Migration,
  found: readonly Pick<Judgement, 'rule'>[],
): readonly Omit<Judgement, 'file'>[] {
  return [...file.directives.allow.keys()].flatMap((name) => {
    const offset = placeOf(file.text, name);
    if (!NAMES.includes(name)) {
      const suggestion = nearest(name, NAMES);
      const message = `there is no rule ${name}${suggestion === undefined ? '' : `; did you mean ${suggestion}?`}`;
      return [{ rule: unknownRule, offset, message }];
    }
    const isUsed = name === unusedAllow.id || found.some(({ rule }) => rule.id === name);
    if (isUsed || file.directives.allow.has(unusedAllow.id)) return [];
    return [{ rule: unusedAllow, offset, message: `nothing in this file breaks ${name}` }];
  });
}

/** Directives stand in the leading comments, so the first that reads like it is it. */
function placeOf(text: string, name: string): number {
  const directive = new RegExp(
    `^[ \\t]*(?:--|//)[ \\t]*migrate[ \\t]*:[ \\t]*allow[ \\t]+(?=${name}[ \\t]*:)`,
    'im',
  ).exec(text);
  return directive === null ? 0 : directive.index + directive[0].length;
}
