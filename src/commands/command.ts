import type { Database, Migration } from '../core/migration.ts';
import type { LookContext, OfflineContext, ReadContext, Report, WriteContext } from './context.ts';

/** A flag as commander writes it, what it is for, and its values where they are a few words. */
export type Option = readonly [flag: string, description: string, words?: readonly string[]];

/** What stood on the command line for a command. */
export interface Input {
  readonly scope: readonly Database[];
  readonly argument: string | undefined;
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

interface Described {
  readonly name: string;
  readonly argument?: string;
  readonly summary: string;
  readonly options: readonly Option[];
  /** What it does with --offline, where it has that. */
  readonly offline?: (files: readonly Migration[], input: Input) => Promise<Report>;
}

interface Settling {
  /** For a command that has nothing to do where the histories hold exactly the files: what it answers then. */
  readonly settled?: (input: Input) => ((context: OfflineContext, migrations: number) => Promise<Report>) | undefined;
}

/** By privilege: what a command is given decides what it can do. */
export type Command = Described &
  (
    | { readonly privilege: 'offline'; readonly run: (context: OfflineContext, input: Input) => Promise<Report> }
    | {
        readonly privilege: 'files';
        /** `directory`: of the files, as it was set; undefined for the program's own. */
        readonly run: (files: readonly Migration[], input: Input, directory: string | undefined) => Promise<Report>;
      }
    | { readonly privilege: 'look'; readonly run: (context: LookContext, input: Input) => Promise<Report> }
    | (Settling & { readonly privilege: 'read'; readonly run: (context: ReadContext, input: Input) => Promise<Report> })
    | (Settling & {
        readonly privilege: 'write';
        readonly run: (context: WriteContext, input: Input) => Promise<Report>;
      })
  );
