import type { Span } from './migration.ts';

export function historyReach(text: string, statement: Span): 'none' | 'possible' | 'certain' {
  return /\b(MATCH|MERGE|CALL)\b/i.test(text.slice(statement.start, statement.end)) ? 'possible' : 'none';
}
