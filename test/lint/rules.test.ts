import { expect, test } from 'vitest';
import type { Rule } from '../../src/analysis/lint/rule.ts';
import { RULES } from '../../src/analysis/lint/rules.ts';
import { filesOf, findingsOf } from './files.ts';

const language = (rule: Rule) => (rule.of === 'cypher' ? 'cypher' : 'sql');

test('there are many rules, each with a name of its own that the directive allow can take', () => {
  expect(RULES.length).toBeGreaterThanOrEqual(25);
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  for (const { id } of RULES) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

test.each(RULES)('$id finds its bad example, and nothing else in it', async (rule) => {
  const files = filesOf(rule.bad, language(rule));
  const found = (await findingsOf(files)).filter(
    (finding) => finding.rule !== 'missing-rollback' || rule.id === finding.rule,
  );
  expect(found.map((finding) => finding.rule)).toEqual([rule.id]);
  const [finding] = found;
  expect(finding).toMatchObject({
    level: rule.level,
    why: rule.why,
    remedy: rule.remedy,
    place: { file: files.at(-1)?.name },
  });
  expect(finding?.message).not.toMatch(/undefined|\.$/);
});

test.each(RULES)('$id finds nothing in its good example, nor does any other rule', async (rule) => {
  const found = await findingsOf(filesOf(rule.good, language(rule)));
  expect(found.filter((finding) => finding.rule !== 'missing-rollback' || rule.id === finding.rule)).toEqual([]);
});

test.each(RULES)('$id speaks in full sentences', ({ why, remedy }) => {
  for (const text of [why, remedy]) expect(text).toMatch(/[.!]$/);
});
