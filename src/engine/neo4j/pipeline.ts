/** Statements that are under way at most: a file of a hundred thousand is not held in memory as promises. */
const MOST = 100;

/**
 * Statements of one transaction that are sent one behind the other without waiting for answers. The server takes them in this
 * order, and after one that fails it ignores the rest: so it is as if each had waited for the one before it.
 */
export class Pipeline {
  readonly #unanswered: Promise<unknown>[] = [];

  /** `answer`: of a statement that has just been sent. Waits, and may fail, only where many are under way. */
  async add(answer: Promise<unknown>): Promise<void> {
    // Its failure is told in its turn.
    answer.catch(() => {});
    this.#unanswered.push(answer);
    if (this.#unanswered.length > MOST) await this.#unanswered.shift();
  }

  /** Waits for all; throws the first failure in the order of sending, from which the others come. */
  async answered(): Promise<void> {
    for (const answer of this.#unanswered) await answer;
  }
}
