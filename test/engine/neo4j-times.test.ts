import { expect, test } from 'vitest';
import { freshPair } from '../journeys/pair.ts';
import { directoryOf, run } from '../program.ts';

const DATA = 'CREATE (:Work {at: datetime.realtime()});\n';
const SCHEMA = 'CREATE INDEX i IF NOT EXISTS FOR (n:Other) ON (n.id);\n';
const AUTO = `// migrate: auto-commit\n// migrate: replayable\nUNWIND [1] AS i CALL (i) { CREATE (:Work {at: datetime.realtime()}) } IN TRANSACTIONS;\n`;

test.each([
  ['one transaction', DATA],
  ['steps that end in data', `${SCHEMA}${DATA}`],
  ['steps that end in schema', `${DATA}${SCHEMA}`],
  ['batches', AUTO],
])('a migration of Neo4j is applied when its work is done: %s', async (_, text) => {
  const { neo4j, env } = await freshPair();
  const MIGRATIONS_DIR = await directoryOf({ '001_a.cypher': text });
  const { code, stderr } = await run(['neo4j', 'migrate'], { env: { ...env, MIGRATIONS_DIR } });
  expect(code, stderr).toBe(0);
  expect(
    await neo4j.run(
      `MATCH (m:_Migration), (w:Work) RETURN m.state AS state, w.at <= m.appliedAt AS behind,
       abs(m.tookMs - (m.appliedAt.epochMillis - m.startedAt.epochMillis)) <= 1 AS whole`,
    ),
  ).toEqual([{ state: 'applied', behind: true, whole: true }]);
});
