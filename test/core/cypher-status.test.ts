import { expect, test } from 'vitest';
import { reportingStatus } from '../../src/core/cypher-status.ts';

const CALL = 'MATCH (n:A) CALL (n) { SET n.x = 1 } IN TRANSACTIONS';
const COUNT =
  'AS status WHERE NOT status.committed AND status.errorMessage IS NOT NULL RETURN count(DISTINCT status.transactionId) AS failed, head(collect(status.errorMessage)) AS message';

test.each([
  [
    `${CALL} OF 10 ROWS ON ERROR CONTINUE`,
    `${CALL} OF 10 ROWS ON ERROR CONTINUE REPORT STATUS AS \`_status\` WITH \`_status\` ${COUNT}`,
  ],
  [
    `${CALL} ON ERROR BREAK OF 10 ROWS RETURN n`,
    `${CALL} ON ERROR BREAK OF 10 ROWS REPORT STATUS AS \`_status\` WITH \`_status\` ${COUNT}`,
  ],
  [
    `${CALL} ON ERROR CONTINUE REPORT STATUS AS s RETURN s`,
    `${CALL} ON ERROR CONTINUE REPORT STATUS AS s WITH s ${COUNT}`,
  ],
  [
    `${CALL} ON ERROR RETRY FOR 3 SECONDS THEN CONTINUE`,
    `${CALL} ON ERROR RETRY FOR 3 SECONDS THEN CONTINUE REPORT STATUS AS \`_status\` WITH \`_status\` ${COUNT}`,
  ],
])('%s', (statement, query) => expect(reportingStatus(statement)).toEqual({ query, counts: true }));

test.each([
  CALL,
  `${CALL} OF 10 ROWS ON ERROR FAIL`,
  'MATCH (n:A) SET n.transactions = 1',
  "CREATE (:A {text: 'ON ERROR CONTINUE'})",
])('nothing to report: %s', (statement) => expect(reportingStatus(statement)).toBeUndefined());

test('where more follows than RETURN, the batches cannot be counted', () => {
  const statement = `${CALL} ON ERROR CONTINUE CREATE (:After)`;
  expect(reportingStatus(statement)).toEqual({ query: statement, counts: false });
});
