/** PostgreSQL's locks on tables, the weakest first (https://www.postgresql.org/docs/current/explicit-locking.html). */
export const LOCK_MODES = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;
export type LockMode = (typeof LOCK_MODES)[number];

/** What each mode does not go together with. */
const CONFLICTS: Readonly<Record<LockMode, readonly LockMode[]>> = {
  'ACCESS SHARE': ['ACCESS EXCLUSIVE'],
  'ROW SHARE': ['EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'ROW EXCLUSIVE': ['SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'SHARE UPDATE EXCLUSIVE': ['SHARE UPDATE EXCLUSIVE', 'SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  SHARE: ['ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'SHARE ROW EXCLUSIVE': [
    'ROW EXCLUSIVE',
    'SHARE UPDATE EXCLUSIVE',
    'SHARE',
    'SHARE ROW EXCLUSIVE',
    'EXCLUSIVE',
    'ACCESS EXCLUSIVE',
  ],
  EXCLUSIVE: LOCK_MODES.slice(1),
  'ACCESS EXCLUSIVE': LOCK_MODES,
};

export function conflict(one: LockMode, other: LockMode): boolean {
  return CONFLICTS[one].includes(other);
}

/** What everybody does: SELECT takes ACCESS SHARE; INSERT, UPDATE and DELETE take ROW EXCLUSIVE. */
export function blocks(mode: LockMode): { readonly reads: boolean; readonly writes: boolean } {
  return { reads: conflict(mode, 'ACCESS SHARE'), writes: conflict(mode, 'ROW EXCLUSIVE') };
}

export function strongest(modes: readonly LockMode[]): LockMode {
  return LOCK_MODES[Math.max(...modes.map((mode) => LOCK_MODES.indexOf(mode)))] ?? 'ACCESS SHARE';
}

/** `AccessExclusiveLock`, as pg_locks has it, in the words of SQL. */
export function lockMode(internal: string): LockMode {
  const words = internal.replace(/Lock$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
  return LOCK_MODES.find((mode) => mode === words.toUpperCase()) ?? 'ACCESS SHARE';
}
