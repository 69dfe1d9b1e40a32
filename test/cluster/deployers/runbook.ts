import assert from 'node:assert/strict';
import { read } from '../../docs/documents.ts';
import { blocksOf } from '../../docs/markdown.ts';
import { execute } from '../../execute.ts';
import type { Stage } from '../stage.ts';

const PAGE = 'docs/failing-upgrade.md';

/**
 * Enters a command of the runbook with the functions that the page defines, in a scenario's namespace and for its
 * release.
 * @param mode the row of "What differs by mode" that has another `template`
 */
export async function runbook(stage: Stage, mode: string, command: string): Promise<string> {
  const page = read(PAGE);
  const functions = blocksOf(page)
    .find(({ text }) => text.includes('run() {'))
    ?.text.replaceAll(/^\$ /gm, '');
  const template = new RegExp(`^\\| ${mode}[^|]*\\|[^|]*\\| \`(template\\(\\) .*\`) \\|$`, 'm').exec(page)?.[1];
  assert.ok(functions && template, `${PAGE} has the functions and a template for ${mode}`);
  const { namespace, kubectl } = stage.props;
  const script = [
    `kubectl() { command kubectl --context '${kubectl.context}' "$@"; }`,
    functions,
    template.replace(/`$/, ''),
    command,
  ].join('\n');
  const entered = script.replaceAll('-n rag', `-n ${namespace}`).replaceAll('schema-', 'rag-');
  const { code, stdout, stderr } = await execute('bash', ['-euo', 'pipefail', '-c', entered]);
  assert.equal(code, 0, `${command}: ${stdout}${stderr}`);
  return stdout;
}
