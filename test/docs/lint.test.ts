import { expect, test } from 'vitest';
import { lint } from '../../src/analysis/lint/lint.ts';
import { findingText } from '../../src/analysis/lint/text.ts';
import { parseMigration } from '../../src/core/parse.ts';
import { read } from './documents.ts';
import { blocksOf } from './markdown.ts';

test('the finding that is shown is what the linter prints', async () => {
  const shown = blocksOf(read('docs/lint.md')).find(({ info }) => info === 'text');
  const statement = /1 \| (.*)/.exec(shown?.text ?? '')?.[1] ?? '';
  const { migration } = parseMigration('007_titles.sql', Buffer.from(`${statement}\n-- Rollback:\n-- none`));
  if (migration === undefined) throw new Error(`no migration: ${statement}`);
  expect((await lint([migration])).flatMap(findingText).join('\n')).toBe(shown?.text.trimEnd());
});
