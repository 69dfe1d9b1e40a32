import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

/**
 * What this process must not leave behind. `stop()` of a server is the ordinary way; this is for the end
 * that comes without it: a thrown error, process.exit, Ctrl-C, SIGTERM. Everything here is synchronous,
 * because nothing else runs in an `exit` handler.
 */
const pids = new Set<number>();
const containers = new Set<string>();
const directories = new Set<string>();
let watching = false;

type Forget = () => void;

export const killAtExit = (pid: number): Forget => remember(pids, pid);
export const removeContainerAtExit = (id: string): Forget => remember(containers, id);
export const removeAtExit = (directory: string): Forget => remember(directories, directory);

function remember<T>(set: Set<T>, item: T): Forget {
  watch();
  set.add(item);
  return () => set.delete(item);
}

function watch(): void {
  if (watching) return;
  watching = true;
  process.on('exit', leaveNothing);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      leaveNothing();
      // Without our listener the signal does what it would have done: end the process, or call other listeners.
      process.kill(process.pid, signal);
    });
  }
}

function leaveNothing(): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
  if (containers.size > 0) spawnSync('docker', ['rm', '--force', '--volumes', ...containers], { timeout: 20_000 });
  // A server that is being killed may still create a file in a directory that is being removed.
  for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  pids.clear();
  containers.clear();
  directories.clear();
}
