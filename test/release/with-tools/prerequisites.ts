import { CommandMissing, run } from '../../servers/command.ts';

/** Whether Go is installed; if not, prints what is left out. */
export function hasGo(what: string): Promise<boolean> {
  return installed('go', ['version'], what);
}

/** Whether Python has pip; if not, prints what is left out. */
export function hasPip(what: string): Promise<boolean> {
  return installed('python3', ['-m', 'pip', '--version'], what);
}

async function installed(command: string, args: readonly string[], what: string): Promise<boolean> {
  try {
    await run(command, args);
    return true;
  } catch (error) {
    const missing = error instanceof CommandMissing || String(error).includes('No module named pip');
    if (!missing) throw error;
    process.stdout.write(`Left out: ${what}, because ${[command, ...args].join(' ')} fails\n`);
    return false;
  }
}
