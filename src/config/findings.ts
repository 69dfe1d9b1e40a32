import { MigrateError, type Problem } from '../errors.ts';

/** What reading a configuration finds wrong, collected so that a person hears of all of it at once. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly warnings: string[] = [];
  readonly #whyMissing: (() => Problem) | undefined;
  #explained = false;

  /** `whyMissing`: one problem that explains every missing setting. */
  constructor(whyMissing?: () => Problem) {
    this.#whyMissing = whyMissing;
  }

  problem(message: string, hint?: string): void {
    this.problems.push(hint === undefined ? { message } : { message, hint });
  }

  /** A setting that must be there, and is not. */
  missing(message: string, hint?: string): void {
    if (this.#whyMissing === undefined) this.problem(message, hint);
    else if (!this.#explained) this.problems.push(this.#whyMissing());
    this.#explained = true;
  }

  /** @throws MigrateError `config` where there is any problem. */
  throwIfAny(): void {
    const count = this.problems.length;
    if (count === 0) return;
    const message = `the configuration is not valid: ${count === 1 ? 'one problem' : `${count} problems`}`;
    throw new MigrateError('config', message, { problems: this.problems });
  }
}
