import type { PlannedEffect } from './planned.ts';

/** How long readers or writers wait, and what for. */
const WHILE: Readonly<Record<PlannedEffect['work'], string>> = {
  none: ', for a moment',
  scan: ' while it reads the whole table',
  index: ' while it builds the index',
  rewrite: ' while it writes the table and its indexes anew',
  empties: ', for a moment; its rows are gone',
  rows: ' while it changes rows',
};

/** What an effect means for those who use the table; undefined where they notice nothing. */
export function verdict(effect: PlannedEffect): string | undefined {
  const { object, kind, lock, work, blocks } = effect;
  if (effect.new || lock === 'none' || lock === 'ACCESS SHARE' || lock === 'ROW SHARE') return undefined;
  const what = `${kind === 'table' ? object : kind === 'label' ? `:${object}` : `[:${object}]`}${size(effect)}`;
  if (lock === 'LABEL') return `locks ${what}: writers wait for a moment, readers go on`;
  if (lock === 'NODES') return `writes ${what}: what it changes is locked until the commit, all else goes on`;
  if (blocks.reads && blocks.writes) return `${lock}: blocks reads and writes of ${what}${WHILE[work]}`;
  if (blocks.writes) return `${lock}: blocks writes to ${what}${WHILE[work]}; reads go on`;
  if (work === 'rows') return `${lock}: changes rows of ${what}: readers go on, so do writers of other rows`;
  return `${lock}: readers and writers of ${what} go on${work === 'none' ? '' : WHILE[work]}`;
}

function size({ kind, bytes, rows }: PlannedEffect): string {
  if (kind !== 'table') return rows === undefined ? '' : ` (${rows.toLocaleString('en')})`;
  if (bytes === undefined && rows === undefined) return '';
  const counted =
    rows === undefined ? 'rows not counted yet: ANALYZE' : `~${Math.round(rows).toLocaleString('en')} rows`;
  return ` (${[bytes === undefined ? undefined : bytesText(bytes), counted].filter(Boolean).join(', ')})`;
}

function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
