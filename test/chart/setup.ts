import { HELMS, helmProgram } from './helm-installation.ts';

/** Downloads once, before the first test: a test's own time is for Helm and not for the network. */
export async function setup(): Promise<void> {
  for (const helm of HELMS) await helmProgram(helm);
}
