import { keyword } from '../../../../core/cypher.ts';
import type { CypherRule } from '../../rule.ts';

export const removedSyntax: CypherRule = {
  of: 'cypher',
  id: 'removed-syntax',
  level: 'warning',
  why: 'Neo4j 5 and later no longer know this from version 4: the statement fails.',
  remedy:
    'FOR … REQUIRE instead of ON … ASSERT, RANGE instead of BTREE, CALL … IN TRANSACTIONS instead of PERIODIC COMMIT.',
  bad: { text: 'CREATE CONSTRAINT note_title_unique IF NOT EXISTS ON (n:Note) ASSERT n.title IS UNIQUE;' },
  good: { text: 'CREATE CONSTRAINT note_title_unique IF NOT EXISTS FOR (n:Note) REQUIRE n.title IS UNIQUE;' },
  *check({ kind, tokens }) {
    const words = tokens.map(keyword);
    const found = (at: number, what: string) => ({
      offset: tokens[at]?.start ?? 0,
      message: `${what} has been removed`,
    });
    if (kind === 'schema') {
      const assert = words.indexOf('ASSERT');
      if (assert >= 0) yield found(assert, 'ASSERT');
      if (words[1] === 'BTREE') yield found(1, 'BTREE');
    } else if (words[0] === 'USING' && words[1] === 'PERIODIC') yield found(0, 'USING PERIODIC COMMIT');
  },
};
