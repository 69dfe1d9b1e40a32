import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** What asks the program to stop. */
export type StopSignal = 'SIGTERM' | 'SIGINT';

const STOPS: readonly StopSignal[] = ['SIGTERM', 'SIGINT'];
let heard: StopSignal | undefined = lost();
let listener: ((signal: StopSignal) => void) | undefined;

// The kernel throws away what PID 1 has no handler for (pid_namespaces(7)). Until a command is under way nobody
// else listens, and a container that is stopped meanwhile would work on until it is killed.
for (const signal of STOPS) {
  process.on(signal, () => {
    if (listener) listener(signal);
    else heard ??= signal;
  });
}

/** Tells each signal from now on, and at once the one that came before. */
export function onStop(listen: (signal: StopSignal) => void): void {
  listener = listen;
  if (heard) listen(heard);
}

/**
 * The signal that PID 1 was sent while Node itself was starting. Node's own handler (SignalExit in node.cc) is there for
 * one signal (SA_RESETHAND), which it sends again to end the process; for PID 1 that does nothing, but from
 * then on the signal is missing in the mask of those caught (SigCgt in proc_pid_status(5)). Only in the first milliseconds,
 * before Node has that handler, a signal is lost for good.
 */
function lost(): StopSignal | undefined {
  if (process.pid !== 1) return undefined;
  try {
    const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (mask === undefined) return undefined;
    const caught = (signal: StopSignal) => (BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n;
    return STOPS.find((signal) => !caught(signal));
  } catch {
    // A container without /proc.
    return undefined;
  }
}
