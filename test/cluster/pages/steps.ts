import { spawnSync } from 'node:child_process';
import { type Block, blocksOf } from '../../docs/markdown.ts';

/** A file that the reader writes. */
interface FileStep {
  readonly kind: 'file';
  readonly line: number;
  readonly name: string;
  readonly text: string;
}

/** What the reader enters in one go. */
interface CommandStep {
  readonly kind: 'command';
  readonly line: number;
  readonly script: string;
  /** What the page shows as its output. */
  readonly prints: string | undefined;
}

export type Step = FileStep | CommandStep;

/** The steps under a heading of a page, in the order in which a reader takes them. */
export function stepsOf(document: string, heading: string): readonly Step[] {
  const blocks = blocksOf(document).filter((block) => block.heading === heading);
  return blocks.flatMap((block, index): readonly Step[] => {
    const next = blocks[index + 1];
    const after = next?.info === 'text' ? next.text : undefined;
    switch (block.info) {
      case 'console':
        return commandsOf(block, after);
      case 'sh':
        return [{ kind: 'command', line: block.line, script: block.text, prints: after }];
      case 'yaml':
        return fileOf(block);
      default:
        return [];
    }
  });
}

/** A file's name is the comment in its first line. */
function fileOf({ text, line }: Block): readonly FileStep[] {
  const name = /^# ([\w./-]+\.ya?ml)\n/.exec(text)?.[1];
  return name === undefined ? [] : [{ kind: 'file', line, name, text }];
}

/**
 * `$ ` begins a command; it goes on as a shell would. Other lines are what it prints, and so is
 * the text block behind the last one.
 */
function commandsOf({ text, line }: Block, after: string | undefined): readonly CommandStep[] {
  const commands: { line: number; script: string; prints: string }[] = [];
  for (const [index, content] of text.replace(/\n$/, '').split('\n').entries()) {
    const current = commands.at(-1);
    if (content.startsWith('$ ')) commands.push({ line: line + 1 + index, script: content.slice(2), prints: '' });
    else if (current === undefined) throw new Error(`line ${line + 1 + index} is no command`);
    else if (current.prints === '' && isOpen(current.script)) current.script += `\n${content}`;
    else current.prints += `${content}\n`;
  }
  return commands.map(({ line, script, prints }, index) => {
    const all = index === commands.length - 1 ? prints + (after ?? '') : prints;
    return { kind: 'command', line, script, prints: all === '' ? undefined : all };
  });
}

/** Whether a shell would ask for more, as bash itself says; a backslash at the end it does not see. */
function isOpen(script: string): boolean {
  const { stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
  return /\\$/.test(script) || /unexpected (end of file|EOF)|delimited by end-of-file/.test(stderr);
}
