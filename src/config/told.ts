import { type CleanedEnv, customCleanEnv, type ValidatorSpec } from 'envalid';
import type { Findings } from './findings.ts';
import type { Layer } from './layers.ts';

/** A value, and what told it, for messages: a variable, a flag, a line of `.env`. */
export interface Told<T> {
  readonly value: T;
  readonly source: string;
}

type Specs = Readonly<Record<string, ValidatorSpec<unknown>>>;
type ValueOf<Spec> = Spec extends ValidatorSpec<infer T> ? T : never;
type Tellings<S extends Specs> = { readonly [K in keyof S]: Told<NonNullable<ValueOf<S[K]>>> | undefined };

/**
 * A layer's variables as values, with the table's defaults. What is not valid is reported and undefined, whatever
 * its type says: nobody looks at the values once there is a problem.
 */
export function valuesOf<S extends Specs>(layer: Layer, specs: S, findings: Findings): Readonly<CleanedEnv<S>> {
  const texts = Object.fromEntries([...layer].map(([name, { value }]) => [name, value]));
  // Not cleanEnv, whose result throws where it is asked for a variable that is not valid.
  return customCleanEnv(texts, specs, (values) => values, {
    reporter: ({ errors }) => {
      for (const [name, error] of Object.entries<Error | undefined>(errors)) {
        findings.problem(`${layer.get(name)?.source} ${error?.message}`);
      }
    },
  });
}

/** The variables that a layer tells, as values, each with what told it. Defaults do not count. */
export function tellingsOf<S extends Specs>(layer: Layer, specs: S, findings: Findings): Tellings<S> {
  const values: Readonly<Record<string, unknown>> = valuesOf(layer, specs, findings);
  const entries = Object.keys(specs).map((name) => {
    const source = layer.get(name)?.source;
    const value = source === undefined ? undefined : values[name];
    return [name, value === undefined ? undefined : { value, source }];
  });
  return Object.fromEntries(entries);
}

/** What is read out of a source; undefined, and a problem, where that throws. */
export function tell<T>(source: string, read: () => T, findings: Findings): Told<T> | undefined {
  try {
    return { value: read(), source };
  } catch (error) {
    findings.problem(`${source} ${(error as Error).message}`);
    return undefined;
  }
}

/** One thing that one place tells in several ways, the one that counts first: they must not contradict each other. */
export function agreed<T>(
  tellings: readonly (Told<T> | undefined)[],
  what: string,
  findings: Findings,
  hint = 'keep one of them, or make them equal',
): Told<T> | undefined {
  const [first, ...others] = tellings.filter((told) => told !== undefined);
  const other = others.find(({ value }) => value !== first?.value);
  if (first && other) {
    findings.problem(`${first.source} and ${other.source} tell different ${what}`, hint);
  }
  return first;
}

/** Part by part what the strongest layer tells that tells it at all. */
export function strongest<T extends object>(layers: readonly T[]): T {
  const told = layers.map((parts) => Object.entries(parts).filter(([, value]) => value !== undefined));
  return Object.fromEntries(told.toReversed().flat()) as T;
}
