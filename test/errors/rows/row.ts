import type { ErrorKind } from '../../../src/errors.ts';

/** One way to meet an error, and what is to be said of it. */
export interface Row {
  readonly code: string;
  /** Default: failed. */
  readonly kind?: ErrorKind;
  /** The migration's text. */
  readonly file: string;
  /** A part of it, or all of it where it is short. */
  readonly hint: string;
  /** `line:column`; default: where the statement begins that is the file's only one. Empty: of the file as a whole. */
  readonly at?: string;
  /** The server itself would have to be broken for it: here the file raises it, and the documentation shows no message. */
  readonly raised?: true;
}
