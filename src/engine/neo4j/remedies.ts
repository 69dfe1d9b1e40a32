import type { Remedy } from '../remedy.ts';
import { GRAPH } from './remedies/graph.ts';
import { STATEMENTS } from './remedies/statements.ts';

/** For an error of a statement. Read only once there is one. */
export const REMEDIES: readonly Remedy[] = [...STATEMENTS, ...GRAPH];
