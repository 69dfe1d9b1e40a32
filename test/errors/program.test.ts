import { expect, test } from 'vitest';
import { type Attempt, attempt, expectRefusal } from '../bad-input/refusal.ts';
import { read } from '../docs/documents.ts';
import { blocksOf } from '../docs/markdown.ts';
import { directoryOf } from '../program.ts';
import { emptyNeo4j, freshDatabase } from '../servers/databases.ts';

/* Errors as the built program prints them; the blocks of docs/errors.md are these. */

const [POSTGRES, NEO4J] = blocksOf(read('docs/errors.md'));

/** What is printed from the error on; the address of the runbook changes with each release. */
function told({ stderr }: Attempt): string {
  return stderr.slice(stderr.indexOf('error: ')).replace(/runbook: https:\S+/, 'runbook: …');
}

test('in a function body, behind wide characters, in a file from Windows', async () => {
  const database = await freshDatabase({ extensions: [] });
  try {
    await database.query('CREATE TABLE documents (id int, summary text); CREATE TABLE titles (id int, title text)');
    const lines = [
      '-- Titles of the documents.',
      'DO $$',
      'BEGIN',
      "  INSERT INTO titles SELECT id, '日本語 😀 ' || sumary FROM documents;",
      'END $$;',
    ];
    const files = { '007_titles.sql': `\uFEFF${lines.join('\r\n')}\r\n` };
    const env = { DATABASE_URL: database.url, MIGRATIONS_DIR: await directoryOf(files) };
    const ended = await attempt(['postgres', 'migrate'], { env });
    expectRefusal(ended, {
      kind: 'failed',
      says: 'column "sumary" does not exist',
      hint: 'correct the name',
      at: '007_titles.sql:4:45',
    });
    expect(told(ended)).toBe(POSTGRES?.text);
    expect(JSON.parse(ended.termination)).toMatchObject({
      statement: expect.stringMatching(/^2 \| DO \$\$\n[\s\S]*\^$/),
      means: 'no table in this statement has such a column',
      server: { code: '42703', where: 'PL/pgSQL function inline_code_block line 3 at SQL statement' },
    });
  } finally {
    await database.drop();
  }
});

test('in the later line of a statement of Cypher', async () => {
  const { uri, user, password, close } = await emptyNeo4j();
  await close();
  const lines = [
    '// 会話',
    "CREATE (:Topic {name: '日本語 😀'});",
    'MATCH (t:Topic)',
    "  SET t.name = '言語 😀' + nme;",
  ];
  const files = { '008_topics.cypher': `${lines.join('\n')}\n` };
  const configured = { NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: password };
  const env = { ...configured, MIGRATIONS_DIR: await directoryOf(files) };
  const ended = await attempt(['neo4j', 'migrate'], { env });
  expectRefusal(ended, { kind: 'failed', says: 'Variable `nme` not defined', at: '008_topics.cypher:4:25' });
  expect(told(ended)).toBe(NEO4J?.text);
});
