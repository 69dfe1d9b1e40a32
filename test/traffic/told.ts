import { createInterface } from 'node:readline';
import type { Running } from '../program.ts';

/** The events of this name that a program has logged, growing as it goes on. To be called as soon as it is started. */
export function told({ process: { stderr } }: Running, name: string): readonly Record<string, unknown>[] {
  const events: Record<string, unknown>[] = [];
  if (stderr === null) throw new Error('the log of this program is not read');
  createInterface({ input: stderr }).on('line', (line) => {
    if (!line.startsWith('{')) return;
    const event = JSON.parse(line) as Record<string, unknown>;
    if (event.event === name) events.push(event);
  });
  return events;
}
