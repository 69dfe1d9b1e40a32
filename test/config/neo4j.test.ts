import { describe, expect, test } from 'vitest';
import { load, NEO4J, problemsOf } from './loading.ts';

const neo4j = (env: Record<string, string>, dotenv?: string) =>
  load(env, { scope: ['neo4j'], ...(dotenv !== undefined && { dotenv }) }).neo4j;
const at = (NEO4J_URI: string) => neo4j({ ...NEO4J, NEO4J_URI });

describe('NEO4J_URI', () => {
  test.each([
    'bolt://graph.example:7687',
    'bolt+s://graph.example',
    'bolt+ssc://10.0.0.7:7687',
    'neo4j://[::1]:7687',
    'neo4j+s://graph.example:7687/',
    'neo4j+ssc://graph_service:7687?policy=europe',
    'NEO4J://graph.example',
  ])('%s is taken', (uri) => {
    expect(at(uri)?.uri).toBe(uri);
  });

  test.each([
    ['http://graph.example:7474', 'does not begin with any of bolt://, bolt+s://, bolt+ssc://, neo4j://'],
    ['graph.example:7687', 'does not begin with any of bolt://'],
    ['bolt://neo4j:SECRET@graph.example', 'NEO4J_USER and NEO4J_PASSWORD are for them'],
    ['bolt://neo4j:SEC/RET@graph.example', 'NEO4J_USER and NEO4J_PASSWORD are for them'],
    ['bolt://', 'is not a URI such as'],
    ['bolt://graph.example:x', 'is not a URI such as'],
    ['bolt://graph.example#x', 'is not a URI such as'],
    ['bolt://graph.example/neo4j', 'NEO4J_DATABASE names a database'],
    ['bolt://graph.example?policy=europe', 'which only neo4j:// takes'],
    ['bolt://one,two:7687', 'names several hosts'],
  ])('%s is refused in words that show no secret', (uri, words) => {
    const problems = problemsOf(() => at(uri));
    expect(problems).toEqual([expect.stringContaining(words)]);
    expect(problems.join()).not.toMatch(/SEC|RET/);
  });
});

test('user and database', () => {
  expect(neo4j({ ...NEO4J, NEO4J_USERNAME: 'named', NEO4J_DATABASE: 'kg' })).toMatchObject({
    user: 'named',
    database: 'kg',
  });
  expect(neo4j({ ...NEO4J, NEO4J_USER: 'user', NEO4J_USERNAME: 'named' })?.user).toBe('user');
  expect(neo4j({ ...NEO4J, NEO4J_USERNAME: 'named' }, 'NEO4J_USER=from-dotenv')?.user).toBe('named');
});
