// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts of a .env have such placeholders
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDotenv } from '../../src/config/dotenv.ts';
import { execute } from '../execute.ts';
import { cached } from '../servers/cache.ts';
import { installPythonPackage } from '../servers/python-package.ts';
import { TEXTS } from './dotenv-texts.ts';

/* python-dotenv itself reads the same texts: LocalRAG reads its `.env` with it. */

const VERSION = '1.2.4';
const ENVIRONMENT = { FROM_ENVIRONMENT: 'environment', EMPTY_IN_ENVIRONMENT: '', HOME: '/environment' };

/** Called as pydantic-settings calls it: with a path. Warnings go to the log, one for each line that is passed over. */
const READER = `
import json, logging, os, sys, tempfile
from dotenv import dotenv_values
warnings = []
handler = logging.Handler()
handler.emit = lambda record: warnings.append(record.args[0])
logging.getLogger('dotenv.main').addHandler(handler)
texts, environment = json.load(sys.stdin)
os.environ.clear()
os.environ.update(environment)
answers = []
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, '.env')
    for text in texts:
        with open(path, 'wb') as file:
            file.write(text.encode('utf-8'))
        warnings.clear()
        values = dotenv_values(path, encoding='utf-8')
        answers.append([sorted(values.items()), len(warnings)])
json.dump(answers, sys.stdout)
`;

/** Pairs, because JSON.parse of Node 24 confuses names such as `"` and `\\` in many objects of one shape. */
type Reading = readonly [pairs: readonly (readonly [name: string, value: string | null])[], passedOver: number];

const installed = await cached(`python-dotenv-${VERSION}`, (directory) =>
  installPythonPackage('python-dotenv', VERSION, join(directory, 'packages')),
).catch((error: Error) => {
  if (!error.message.startsWith('Python 3 with pip')) throw error;
  console.warn(`the comparison with python-dotenv is left out: ${error.message}`);
  return undefined;
});

async function referenceReadings(texts: readonly string[]): Promise<readonly Reading[]> {
  const env = { ...process.env, PYTHONPATH: join(installed ?? '', 'packages') };
  const { code, stdout, stderr } = await execute('python3', ['-c', READER], {
    env,
    input: JSON.stringify([texts, ENVIRONMENT]),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Reading[];
}

function ownReading(text: string): Reading {
  const passedOver: number[] = [];
  const values = parseDotenv(text, ENVIRONMENT, (line) => passedOver.push(line));
  const pairs = Object.entries(values).map(([name, value]) => [name, value ?? null] as const);
  return [pairs.sort(([a], [b]) => byCodePoint(a, b)), passedOver.length];
}

/** The order of Python's `sorted`. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function expectSame(texts: readonly string[]): Promise<void> {
  const readings = await referenceReadings(texts);
  for (const [index, text] of texts.entries()) {
    expect({ text, reading: ownReading(text) }).toEqual({ text, reading: readings[index] });
  }
}

describe.skipIf(installed === undefined)('a .env means what python-dotenv means by it', () => {
  test('in texts that other readers take otherwise', () => expectSame(TEXTS));

  test('in any text', async () => {
    const pieces = fc.constantFrom(
      ...['A', 'B=', 'export ', '=', '#', ' ', '\t', '\n', '\r\n', '\r', "'", '"', '\\', '\\n', '$', '${', '}'],
      ...['${A}', '${B:-', ':-', 'x', 'é', '\u00a0', '\u0085', '\u001d', '\u2028', '\uFEFF', '\f', '`'],
    );
    const text = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''));
    await expectSame(fc.sample(text, { seed: 20261128, numRuns: 3_000 }));
  });
});
