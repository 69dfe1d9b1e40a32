import type { Example, Rule } from '../src/analysis/lint/rule.ts';
import { RULES } from '../src/analysis/lint/rules.ts';

type Language = 'sql' | 'cypher';

const COMMENT: Readonly<Record<Language, string>> = { sql: '--', cypher: '//' };

/** A section a rule: what it finds and why, the safe way, and an example of either. */
export function lintRules(): string {
  const sections = (language: Language, ...kinds: readonly Rule['of'][]) =>
    RULES.filter((rule) => kinds.includes(rule.of)).map((rule) => section(rule, language));
  return [
    '### Both languages',
    ...sections('sql', 'lint', 'file'),
    '### SQL',
    ...sections('sql', 'sql', 'schema'),
    '### Cypher',
    ...sections('cypher', 'cypher'),
  ].join('\n\n');
}

function section({ id, level, why, remedy, bad, good }: Rule, language: Language): string {
  return [
    `#### ${id}`,
    level === 'error' ? `An error. ${why}` : why,
    `**Instead:** ${remedy}`,
    `Not so:\n\n${block(bad, language)}`,
    `But so:\n\n${block(good, language)}`,
  ].join('\n\n');
}

function block({ before = [], text }: Example, language: Language): string {
  const applied = before.flatMap((each) => each.split('\n')).map((line) => `${COMMENT[language]}   ${line}`);
  const lines = [...(applied.length > 0 ? [`${COMMENT[language]} after a migration that says`, ...applied] : []), text];
  return [`\`\`\`${language}`, ...lines, '```'].join('\n');
}
