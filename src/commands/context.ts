import type { Config } from '../config.ts';
import type { Migration } from '../core/migration.ts';
import type { Engine, Identity, ReadEngine } from '../engine/engine.ts';
import type { ErrorKind, Problem } from '../errors.ts';
import type { Emit } from '../events.ts';

/** A line, or several. Text of servers and files in a line stays in it, whatever line breaks it has. */
export type Lines = string | readonly string[];

/** What a command answers: text for people, data for programs, and whether all is as it should be. */
export interface Report {
  readonly kind: 'ok' | ErrorKind;
  readonly text: Lines;
  readonly data: unknown;
  /** What is not as it should be; the text may be long, and say first what is. For whoever looks at the pod. */
  readonly problems?: readonly Problem[];
}

/** What every command is given. */
export interface OfflineContext {
  readonly config: Config;
  readonly emit: Emit;
  /** Ends everything that waits or runs. */
  readonly signal: AbortSignal;
}

export interface LookContext extends OfflineContext {
  /** Of the databases in scope, in the order of DATABASES. */
  readonly engines: readonly ReadEngine[];
}

export interface ReadContext extends LookContext {
  readonly files: readonly Migration[];
}

export interface WriteContext extends ReadContext {
  readonly identity: Identity;
  readonly engines: readonly Engine[];
  /** Asks a person; undefined where nobody can answer. */
  readonly ask: ((question: Lines) => Promise<string>) | undefined;
}
