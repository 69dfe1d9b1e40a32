import { type CleanedEnv, cleanEnv, type ValidatorSpec } from 'envalid';
import type { Findings } from './findings.ts';
import type { Layer } from './layers.ts';

/** A value, and what told it, for messages: a variable, a flag, a line of `.env`. */
export interface Told<T> {
  readonly value: T;
  readonly source: string;
}

type Specs = Readonly<Record<string, ValidatorSpec<unknown>>>;
type ValueOf<Spec> = Spec extends ValidatorSpec<infer T> ? T : never;
type Tellings<S extends Specs> = { readonly [K in keyof S]: Told<ValueOf<S[K]>> | undefined };

/**
 * A layer's variables as values, with the table's defaults. What is not valid is reported and undefined, whatever
 * its type says: nobody looks at the values once there is a problem.
 */
export function valuesOf<S extends Specs>(layer: Layer, specs: S, findings: Findings): CleanedEnv<S> {
  const texts = Object.fromEntries([...layer].map(([name, { value }]) => [name, value]));
  return cleanEnv(texts, specs, {
    reporter: ({ errors }) => {
      for (const [name, error] of Object.entries<Error | undefined>(errors)) {
        findings.problem(`${layer.get(name)?.source} ${error?.message}`);
      }
    },
  });
}

/** The same, each value with what told it. */
export function tellingsOf<S extends Specs>(layer: Layer, specs: S, findings: Findings): Tellings<S> {
  const values: Readonly<Record<string, unknown>> = valuesOf(layer, specs, findings);
  const entries = Object.keys(specs).map((name) => {
    const value = values[name];
    return [name, value === undefined ? undefined : { value, source: layer.get(name)?.source ?? 'the default' }];
  });
  return Object.fromEntries(entries);
}

/** One thing that one place tells in several ways, the one that counts first: they must not contradict each other. */
export function agreed<T>(tellings: readonly (Told<T> | undefined)[], what: string, findings: Findings) {
  const [first, ...others] = tellings.filter((told) => told !== undefined);
  const other = others.find(({ value }) => value !== first?.value);
  if (first && other) {
    findings.problem(`${first.source} and ${other.source} tell different ${what}`, 'keep one of them, or make them equal');
  }
  return first;
}
