import { expect, test } from 'vitest';
import { documents, regenerate } from '../../scripts/docs.ts';
import { EXIT } from '../../src/exit.ts';
import { read } from './documents.ts';

test('the generated parts are current (npm run docs writes them)', async () => {
  for (const { path, current, due } of await documents()) expect(current, path).toBe(due);
});

test('a part is found, and what has become of it is noticed', () => {
  const [before, after] = ['<!-- generated:exit-codes -->\n', '<!-- /generated -->\n'];
  const written = regenerate(`# Codes\n${before}stale text\n${after}The end.\n`);
  expect(written).toContain('| 76 | unfinished |');
  expect(written).not.toContain('stale text');
  expect(written).toMatch(/^# Codes\n/);
  expect(written).toMatch(/\nThe end\.\n$/);
  expect(regenerate(written)).toBe(written);
});

test.each([
  ['an unknown part', '<!-- generated:nothing -->\n<!-- /generated -->', /no part is called nothing/],
  ['a part without an end', '<!-- generated:exit-codes -->\n', /do not pair/],
  ['an end without a part', '<!-- /generated -->\n', /do not pair/],
  ['a mistyped mark', '<!-- generated: exit-codes -->\n<!-- /generated -->\n', /do not pair/],
])('%s is refused', (_what, document, message) => {
  expect(() => regenerate(document)).toThrow(message);
});

test('the runbook has a section for each exit code, in the order of the table', () => {
  const sections = [...read('docs/exit-codes.md').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(sections).toEqual(Object.entries(EXIT).map(([name, { code }]) => `${code} ${name}`));
});

test.each(Object.entries(EXIT))('the runbook says of %s what Kubernetes should do, as the table does', (name, exit) => {
  const section = read('docs/exit-codes.md').split(`\n## ${exit.code} ${name}\n`)[1]?.split('\n## ')[0] ?? '';
  const advice = /^Kubernetes: (.*)$/m.exec(section)?.[1];
  if (name === 'ok') expect(advice).toBe('the Job is complete.');
  else if (exit.again) expect(advice).toMatch(/^try again/);
  else expect(advice).toMatch(/^(no further try|`migrate` and `wait` never end with it)/);
});
