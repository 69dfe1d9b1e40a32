import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli.ts';
import { type Invocation, optionsOf, plainInvocation } from '../../src/command-line.ts';
import { COMMANDS } from '../../src/commands/commands.ts';
import { DATABASES } from '../../src/core/migration.ts';

/** What commander makes of it; undefined for an answer or a refusal. */
function asCommander(argv: readonly string[]): Invocation | undefined {
  try {
    const parsed = parseArguments(argv, '0');
    return 'text' in parsed ? undefined : parsed;
  } catch {
    return undefined;
  }
}

describe('a plain command line', () => {
  test.each([
    [],
    ['migrate'],
    ['postgres'],
    ['neo4j', 'status', '--json'],
    ['--to', '5', '--dry-run'],
    ['migrate', '--wait-timeout=5m', '--tenant-index', '--log-format', 'json'],
    ['migrate', '--tenant-index', '3'],
    ['postgres', 'migrate-manual', '--host', 'db', '--password-stdin'],
  ])('is read without commander: %j', (...argv) => {
    expect(plainInvocation(argv)).toBeDefined();
    expect(plainInvocation(argv)).toEqual(asCommander(argv));
  });

  test.each([
    ['--help'],
    ['-V'],
    ['help'],
    ['migrate', '--too', '5'],
    ['migrate', '--to'],
    ['migrate', '--dry-run=yes'],
    ['migrate', '5'],
    ['migrate', '--', '--json'],
    ['status', '--to', '5'],
    ['create', 'users'],
    ['migrate', '--to', '-5'],
  ])('is nothing else: %j', (...argv) => {
    expect(plainInvocation(argv)).toBeUndefined();
  });

  test('means what commander takes it for, whatever stands in it', () => {
    const flags = COMMANDS.flatMap((command) => optionsOf(command, DATABASES)).map(
      ([flag]) => flag.split(' ')[0] ?? '',
    );
    const flag = fc.constantFrom(...flags);
    const value = fc.constantFrom('5', '', '-', '--', '-5', 'a b', 'a=b', '--json', 'x\ny');
    const word = fc.oneof(
      flag,
      value,
      fc.tuple(flag, value).map(([flag, value]) => `${flag}=${value}`),
      fc.constantFrom('-h', '--help', '--no-json', '--JSON', '--wait'),
    );
    const command = fc.constantFrom(...COMMANDS.map(({ name }) => name));
    const start = fc.tuple(fc.option(fc.constantFrom(...DATABASES)), fc.option(command));
    fc.assert(
      fc.property(start, fc.array(word, { maxLength: 5 }), (start, rest) => {
        const argv = [...start.filter((word) => word !== null), ...rest];
        const plain = plainInvocation(argv);
        if (plain !== undefined) expect(plain).toEqual(asCommander(argv));
      }),
      { numRuns: 500 },
    );
  });
});
