import { describe, expect, test } from 'vitest';
import { stepsOf } from './steps.ts';

const block = (info: string, text: string) => `\`\`\`${info}\n${text}\n\`\`\`\n`;

describe('a page for readers', () => {
  test('its commands, what they print, and its files', () => {
    const page = [
      '# Install',
      block('console', '$ first\n$ second\ntwo'),
      block('text', 'lines'),
      block('yaml', '# values.yaml\nmode: hook'),
      block('yaml', 'mode: job'),
      block('sh', 'cat > file <<E\ntext\nE'),
      block('text', 'done'),
    ].join('\n');
    expect(stepsOf(page, 'Install')).toEqual([
      { kind: 'command', line: 3, script: 'first', prints: undefined },
      { kind: 'command', line: 4, script: 'second', prints: 'two\nlines\n' },
      { kind: 'file', line: 12, name: 'values.yaml', text: '# values.yaml\nmode: hook\n' },
      { kind: 'command', line: 21, script: 'cat > file <<E\ntext\nE\n', prints: 'done\n' },
    ]);
  });

  test.each([
    ['a backslash', 'kubectl get \\\n  pods'],
    ['single quotes', "kubectl patch -p '{\n  }' -o json"],
    ['double quotes', 'echo "a\nb"'],
    ['a quote in quotes', `echo "it's" \\\n  b`],
    ['an escaped quote', 'echo "a \\"\nb"'],
    ['the begin of a here-document', "cat <<'E'\nit's\nE"],
    ['the begin of a function', 'run() {\n  echo "$@" |\n    cat\n}'],
    ['a backslash in single quotes', "echo 'a\\' \\\n  b"],
  ])('a command goes on after %s', (_, script) => {
    const [step] = stepsOf(`# Run\n${block('console', `$ ${script}\noutput`)}`, 'Run');
    expect(step).toMatchObject({ script, prints: 'output\n' });
  });

  test('the blocks under one heading alone', () => {
    const page = ['# One', block('sh', 'one'), '## Two', block('sh', 'two'), '# Three', block('sh', 'three')].join(
      '\n',
    );
    expect(stepsOf(page, 'Two')).toMatchObject([{ script: 'two\n' }]);
  });

  test('a console block that begins with output is refused', () => {
    expect(() => stepsOf(`# Run\n${block('console', 'output')}`, 'Run')).toThrow('line 3 is no command');
  });
});
