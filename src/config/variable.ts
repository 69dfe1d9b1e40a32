import { makeExactValidator } from 'envalid';
import type { Flags } from '../config.ts';

/** What the documentation and `--help` say of an environment variable. */
export interface Variable {
  readonly description: string;
  /** As a person would write it; left out where nothing stands in for the variable. */
  readonly default?: string;
  readonly example: string;
  /** Never printed; also read from the file that `<NAME>_FILE` names. */
  readonly secret?: true;
  /** Other programs that read the same `.env` have a setting of this name, perhaps with values of their own. */
  readonly shared?: true;
  /** The flag that overrides it. */
  readonly flag?: keyof Flags;
}

/** A variable whose absence means something, or for which others stand in. */
export function optional<T>(parse: (input: string) => T, variable: Variable) {
  const spec = makeExactValidator(parse)({ default: undefined, desc: variable.description, example: variable.example });
  return { ...spec, variable };
}

/** A variable with one default, written as a person would write it. */
export function defaulted<T extends number | string>(
  parse: (input: string) => T,
  variable: Variable & { default: string },
) {
  const fallback = parse(variable.default);
  const { description, example } = variable;
  const spec = makeExactValidator<T>(parse)({ default: fallback as NonNullable<T>, desc: description, example });
  return { ...spec, variable, fallback };
}
