import { describe, expect, test } from 'vitest';
import { DOCUMENTS, read } from './documents.ts';
import { blocksOf } from './markdown.ts';

describe('queries of pods in the documentation', () => {
  // Kubernetes sorts containers by name, so that of a mesh comes before the program's.
  test.each(DOCUMENTS)('%s asks for containers by name', (path) => {
    for (const { text, line } of blocksOf(read(path)))
      expect(text, `${path}:${line}`).not.toMatch(/ontainerStatuses\[\d/);
  });
});
