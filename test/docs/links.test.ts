import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DOCUMENTS, ROOT, read } from './documents.ts';
import { anchorsOf, linksOf } from './markdown.ts';

/** What is wrong with a document's links to files of this repository. */
function brokenLinks(path: string, document: string): readonly string[] {
  return linksOf(document).flatMap((link) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(`${ROOT}/${target}`)) return [`${link}: no such file`];
    const text = target === path ? document : read(target);
    return anchor === undefined || anchorsOf(text).has(anchor) ? [] : [`${link}: no such heading`];
  });
}

describe('links', () => {
  test.each(DOCUMENTS)('of %s lead somewhere', (path) => {
    expect(brokenLinks(path, read(path))).toEqual([]);
  });

  test('that lead nowhere are found', () => {
    const document =
      '# A title, here\n[a](#a-title-here) [b](#b) [c](src/exit.ts) [d](none.md) [e](README.md#limits)\n';
    expect(brokenLinks('CHANGELOG.md', document)).toEqual(['#b: no such heading', 'none.md: no such file']);
  });
});

describe('CHANGELOG.md', () => {
  const headings = [...read('CHANGELOG.md').matchAll(/^(#{2,3}) (.*)$/gm)].map(([, level, text]) => `${level} ${text}`);

  test('begins with what is not released yet', () => {
    expect(headings[0]).toBe('## [Unreleased]');
  });

  test('has the headings of Keep a Changelog', () => {
    for (const heading of headings)
      expect(heading).toMatch(
        /^## \[(Unreleased|\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d)|^### (Added|Changed|Deprecated|Removed|Fixed|Security)$/,
      );
  });
});
