import type { Place } from '../../errors.ts';

/** error: the file cannot do what it says; warning: it can, at a price that whoever wrote it should know. */
export type Level = 'error' | 'warning';

/** One thing that a rule found in a file. */
export interface Finding {
  readonly rule: string;
  readonly level: Level;
  /** What is found here, in a sentence without a full stop. */
  readonly message: string;
  /** What goes wrong with it, as the rule says it. */
  readonly why: string;
  /** The safe way. */
  readonly remedy: string;
  readonly place: Required<Place>;
  /** The source lines around `place`, with a caret under the column. */
  readonly excerpt: string;
}
