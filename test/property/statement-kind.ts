import type { SessionModel } from './session-model.ts';

/** Numbers that a kind of statement chooses its variants by. */
export interface Choice {
  readonly a: number;
  readonly b: number;
}

/** Where a statement is: unique among the files, so that each row says which statement wrote it. */
type Place = string;

/** Writes a statement that is valid in the session, and notes its effects; undefined if there is none now. */
export type Kind = (session: SessionModel, choice: Choice, place: Place, other: string) => string | undefined;

export const TABLES = ['docs', 'chunks'] as const;
export const SEQUENCES = ['ids', 'keys'] as const;
export const SCHEMAS = ['public', 'app'] as const;

export function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}
