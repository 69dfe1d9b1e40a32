import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type Remedy, remedyFor } from '../../src/engine/remedy.ts';
import type { ErrorKind, MigrateError } from '../../src/errors.ts';

/** An error as a real server says it; docs/errors.md is made from these. */
interface CapturedError {
  readonly code?: string | undefined;
  /** What it is taken for, where it is about connecting. */
  readonly topic?: string | undefined;
  readonly kind: ErrorKind;
  /** Undefined where the server would have to be broken for it. */
  readonly message?: string;
}

/** What the servers have said to a test file, beside what they said last time. */
export class Capture {
  readonly #remedies: readonly Remedy[];
  /** What is another word each time, and what stands for it. */
  readonly #stands: readonly (readonly [RegExp, string])[];
  readonly #errors: CapturedError[] = [];
  readonly #met = new Set<Remedy | undefined>();

  constructor(remedies: readonly Remedy[], stands: readonly (readonly [RegExp, string])[]) {
    this.#remedies = remedies;
    this.#stands = stands;
  }

  /** `topic` is of an error of connecting; `raised` of one that the server did not mean. */
  note({ server, kind, message }: MigrateError, { topic, raised }: { topic?: string; raised?: boolean } = {}): void {
    const code = server?.code;
    const said = message.replace(/^\d+_\w+\.\w+: |^\w+ at \S+: /, '');
    if (topic === undefined) this.#met.add(remedyFor(this.#remedies, code ?? '', said));
    const shown = this.#stands.reduce((text, [variable, word]) => text.replace(variable, word), said);
    this.#errors.push({ code, topic, kind, ...(!raised && { message: shown }) });
  }

  /** The remedies that no row has met. */
  unmet(): readonly string[] {
    return this.#remedies
      .filter((remedy) => !this.#met.has(remedy))
      .map(({ code, when }) => [code, when?.source].filter(Boolean).join(' '));
  }

  /**
   * Holds what was said against the file captured/NAME.json; `npx vitest -u` writes it again. Versions have words of their own:
   * on another one than was captured only codes and kinds are compared.
   */
  async compare(name: string, version: string): Promise<void> {
    const path = fileURLToPath(new URL(`captured/${name}.json`, import.meta.url));
    const known = JSON.parse(await readFile(path, 'utf8').catch(() => '{}')) as Partial<typeof found>;
    const found = { version, errors: this.#errors };
    if (known.version !== undefined && known.version !== version) {
      console.warn(`${name}: captured on ${known.version}, this is ${version}: its messages are not compared`);
      const codes = ({ errors = [] }: Partial<typeof found>) => errors.map(({ code, kind }) => [code, kind]);
      expect(codes(found)).toEqual(codes(known));
      return;
    }
    await expect(`${JSON.stringify(found, null, 2)}\n`).toMatchFileSnapshot(path);
  }
}
