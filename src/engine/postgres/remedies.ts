import type { Remedy } from '../remedy.ts';
import { DATA } from './remedies/data.ts';
import { SERVER } from './remedies/server.ts';
import { STATEMENTS } from './remedies/statements.ts';

/** For an error of a statement. Read only once there is one. */
export const REMEDIES: readonly Remedy[] = [...STATEMENTS, ...DATA, ...SERVER];
