import { readFileSync } from 'node:fs';

/**
 * What other users of the machine can read of a process (its command line), and what its children were given (their
 * command lines and environments). '' on systems without /proc, and for a process that has ended.
 */
export function exposed(pid: number): string {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  return [`${pid}/cmdline`, ...children.flatMap((child) => [`${child}/cmdline`, `${child}/environ`])]
    .map((file) => read(`/proc/${file}`))
    .join('\0');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
