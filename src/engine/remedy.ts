import { MigrateError } from '../errors.ts';

/** What an error of a server means to somebody who migrates, and what there is to do about it. */
export interface Advice {
  readonly means: string;
  readonly hint: string;
}

/** They may take the named groups of `when` into them. */
type Words = string | ((found: Readonly<Record<string, string | undefined>>) => string);

export interface Remedy {
  /** An error's code, or the beginning of one that a class of errors shares. */
  readonly code: string;
  /** Where one code stands for several things: what the server's message says then. */
  readonly when?: RegExp;
  readonly means: Words;
  readonly hint: Words;
}

/** The one that says most: for the code itself before for its class, and for this message before for any. */
export function remedyFor(remedies: readonly Remedy[], code: string, message: string): Remedy | undefined {
  const weight = (remedy: Remedy) => 2 * remedy.code.length + (remedy.when === undefined ? 0 : 1);
  return remedies
    .filter((remedy) => code.startsWith(remedy.code) && (remedy.when?.test(message) ?? true))
    .reduce<Remedy | undefined>(
      (best, remedy) => (best === undefined || weight(remedy) > weight(best) ? remedy : best),
      undefined,
    );
}

export function adviceOf({ when, means, hint }: Remedy, message: string): Advice {
  const found = when?.exec(message)?.groups ?? {};
  const words = (text: Words) => (typeof text === 'string' ? text : text(found));
  return { means: words(means), hint: words(hint) };
}

/** An error with the words for it. They are read only now: most runs need none. */
export async function advised(
  error: MigrateError,
  read: () => Promise<{ readonly REMEDIES: readonly Remedy[] }>,
): Promise<MigrateError> {
  const code = error.server?.code;
  if (code === undefined || error.hint !== undefined) return error;
  const advice = await read().then(
    ({ REMEDIES }) => {
      const remedy = remedyFor(REMEDIES, code, error.message);
      return remedy && adviceOf(remedy, error.message);
    },
    () => UNREAD,
  );
  return new MigrateError(error.kind, error.message, { ...error, cause: error.cause, ...advice });
}

/** Where the words cannot be read: the program's own files were replaced or removed while it ran. */
export const UNREAD = { hint: 'docs/errors.md has what this code means and what to do' };
