import { expect, test } from 'vitest';
import { read } from '../../docs/documents.ts';
import { blocksOf } from '../../docs/markdown.ts';
import { SECTIONS } from './pages.ts';

/** With the reason why no test follows it. */
const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  'docs/kubernetes.md: Many tenants': 'its files of settings are its reader’s own; scenarios play it',
  'docs/kubernetes.md: Troubleshooting': 'it stops a run; scenarios play it',
  'docs/failing-upgrade.md: Example: 75, a session is in the way': 'its process id is its reader’s own',
};

const PAGES = ['docs/kubernetes.md', 'docs/failing-upgrade.md', 'charts/localrag-migrate/README.md'];

test('every section of the pages about Kubernetes that has commands is followed', () => {
  const withCommands = PAGES.flatMap((path) =>
    blocksOf(read(path))
      .filter(({ info }) => info === 'console')
      .map(({ heading }) => `${path}: ${heading}`),
  );
  const followed = Object.values(SECTIONS)
    .filter(([path]) => PAGES.includes(path))
    .map((section) => section.join(': '));
  expect([...new Set(withCommands)].sort()).toEqual([...followed, ...Object.keys(NOT_FOLLOWED)].sort());
});
