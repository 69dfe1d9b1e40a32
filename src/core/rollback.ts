import type { Fault } from './source.ts';

const HEADING = /^..[ \t]*rollback[ \t]*:/i;

/**
 * The commented section that undoes a migration: from a line `-- Rollback:` (`// Rollback:` in Cypher) to the end of the file.
 * Uncommented here; undefined where there is none, or nothing in it.
 */
export function readRollback(
  text: string,
  comment: string,
  markers: readonly number[],
): { readonly text: string | undefined; readonly faults: readonly Fault[] } {
  const start = markers.find((marker) => isHeading(text, marker));
  if (start === undefined) return { text: undefined, faults: [] };
  const lines = text.slice(start).split('\n');
  let offset = start;
  for (const line of lines) {
    const content = line.trimStart();
    if (content !== '' && !content.startsWith(comment))
      return { text: undefined, faults: [notCommented(comment, offset + line.length - content.length)] };
    offset += line.length + 1;
  }
  const undo = lines
    .map((line) => uncommented(line, comment))
    .join('\n')
    .replace(/^[^:]*:/, '')
    .trim();
  return { text: undo === '' ? undefined : undo, faults: [] };
}

/** First on its line: a comment beside a statement may well begin with the word. */
function isHeading(text: string, marker: number): boolean {
  const before = text.slice(text.lastIndexOf('\n', marker) + 1, marker);
  return before.trim() === '' && HEADING.test(text.slice(marker, marker + 40));
}

function uncommented(line: string, comment: string): string {
  const content = line.trimStart();
  return content.startsWith(comment) ? content.slice(comment.length).replace(/^ /, '') : '';
}

function notCommented(comment: string, offset: number): Fault {
  return {
    offset,
    message: 'this line stands in the rollback section, and would run as part of the migration',
    hint: `put ${comment} in front of it: the section, to the end of the file, is all comments`,
  };
}
