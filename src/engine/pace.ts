/** Milliseconds that a percentage has to be watched, and how far it must have come, before it says anything about the rest. */
const BASIS = { watched: 3_000, moved: 1 };

/** How long the rest of a phase takes, judged by how its percentage has moved since it was first seen. */
export class Pace {
  #phase: string | undefined;
  #from = { at: 0, percent: 0 };
  #last = 0;

  /** Milliseconds; undefined for as long as there is no basis. `now` is in milliseconds of any clock that is always the same. */
  rest(phase: string, percent: number, now: number): number | undefined {
    if (phase !== this.#phase || percent < this.#last) {
      this.#phase = phase;
      this.#from = { at: now, percent };
    }
    this.#last = percent;
    const watched = now - this.#from.at;
    const moved = percent - this.#from.percent;
    if (watched < BASIS.watched || moved < BASIS.moved) return undefined;
    return Math.round((watched * (100 - percent)) / moved);
  }
}
