import type { ErrorKind } from './errors.ts';

/** What a process ends with. `again`: whether the same call may succeed later without anybody changing anything. */
export interface Exit {
  readonly code: number;
  readonly meaning: string;
  readonly again: boolean;
  /** Whether a person must act if it comes back: the error then leads to the runbook. */
  readonly runbook: boolean;
}

/** The only table of exit numbers; docs/exit-codes.md and the chart are made from it. A missing kind does not compile. */
export const EXIT: Readonly<Record<ErrorKind | 'ok', Exit>> = {
  ok: { code: 0, meaning: 'the databases hold exactly what this image needs', again: false, runbook: false },
  bug: {
    code: 1,
    meaning: 'an error of ours; the report asks for an issue with the stack',
    again: false,
    runbook: true,
  },
  pending: {
    code: 3,
    meaning:
      '`status --exit-code`, `plan --exit-code`, `verify`, `validate --strict`: something is pending, differs or is warned of',
    again: false,
    runbook: false,
  },
  usage: { code: 64, meaning: 'unknown command or flag', again: false, runbook: false },
  source: { code: 65, meaning: 'a file is not valid, or files and history disagree', again: false, runbook: true },
  unreachable: { code: 69, meaning: 'not ready within WAIT_TIMEOUT', again: true, runbook: true },
  failed: {
    code: 70,
    meaning: 'the database refused a migration; what it had begun was rolled back',
    again: false,
    runbook: true,
  },
  busy: {
    code: 75,
    meaning: 'lock not had in time, or a transient fault; nothing half-done',
    again: true,
    runbook: true,
  },
  unfinished: {
    code: 76,
    meaning: 'a step that may be half-done: a person decides (`repair`)',
    again: false,
    runbook: true,
  },
  denied: {
    code: 77,
    meaning: 'a password, a privilege or an extension is missing: the message has what to grant',
    again: false,
    runbook: true,
  },
  config: { code: 78, meaning: 'configuration not valid', again: false, runbook: true },
  interrupted: { code: 130, meaning: 'stopped by SIGINT, cleanly', again: true, runbook: false },
  terminated: { code: 143, meaning: 'stopped by SIGTERM, cleanly', again: true, runbook: false },
};
