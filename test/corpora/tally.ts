/** Reasons that a report names; the others are one number. */
const MOST = 8;

/** Counts by reason. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(reason: string, count = 1): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** `total (reason: count, …)`, the most frequent first. */
  toString(): string {
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a);
    const list = sorted.slice(0, MOST).map(([reason, count]) => `${reason}: ${count}`);
    const others = sorted.slice(MOST).reduce((sum, [, count]) => sum + count, 0);
    if (others > 0) list.push(`others: ${others}`);
    return list.length === 0 ? '0' : `${this.total} (${list.join(', ')})`;
  }
}
