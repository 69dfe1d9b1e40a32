const UNITS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** Milliseconds of `500ms`, `90s`, `5m` or `1h`; undefined for everything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,10})(ms|s|m|h)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

/** Whole milliseconds in the largest unit that says them exactly; `parseDuration` reads it back. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  const [unit, size] = Object.entries(UNITS).find(([, size]) => milliseconds % size === 0) ?? ['ms', 1];
  return `${milliseconds / size}${unit}`;
}
