import type { SqlRule } from '../../rule.ts';

export const extensionIfNotExists: SqlRule = {
  of: 'sql',
  id: 'extension-if-not-exists',
  level: 'warning',
  why: 'Where extensions are for an administrator to install, as on managed PostgreSQL, the extension stands before the first migration runs: CREATE EXTENSION then fails, while IF NOT EXISTS needs no right to it.',
  remedy: 'CREATE EXTENSION IF NOT EXISTS.',
  bad: { text: 'CREATE EXTENSION vector;' },
  good: { text: 'CREATE EXTENSION IF NOT EXISTS vector;' },
  *check({ node, offset }) {
    if (!('CreateExtensionStmt' in node) || node.CreateExtensionStmt.if_not_exists) return;
    yield { offset: offset(), message: `this fails where ${node.CreateExtensionStmt.extname} is installed already` };
  },
};
