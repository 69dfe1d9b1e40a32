import type { Page } from './page.ts';

/** What the documentation says of Kubernetes, followed from its first block to its last. */
export const PAGES: readonly Page[] = [];
