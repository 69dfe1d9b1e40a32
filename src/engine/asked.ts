import type { History } from '../core/history.ts';
import type { Catalog, Check, Engine, LockedEngine, ServerInfo } from './engine.ts';

/** An engine whose history was asked for before anybody wanted it: whoever asks first is given that answer, or its error. */
export class AskedEngine implements Engine {
  readonly #engine: Engine;
  #first: Promise<History> | undefined;

  constructor(engine: Engine, signal: AbortSignal) {
    this.#engine = engine;
    this.#first = engine.history(signal);
    // Perhaps nobody wants it.
    this.#first.catch(() => {});
  }

  get database() {
    return this.#engine.database;
  }

  /** The answer, where it has come within `milliseconds`; it stays there for whoever asks. */
  async soon(milliseconds: number): Promise<History | undefined> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, milliseconds, undefined);
    const answer = this.#first?.catch(() => undefined);
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }

  history(signal: AbortSignal): Promise<History> {
    const first = this.#first;
    this.#first = undefined;
    return first ?? this.#engine.history(signal);
  }

  ping(signal: AbortSignal): Promise<ServerInfo> {
    return this.#engine.ping(signal);
  }

  health(signal: AbortSignal): Promise<readonly Check[]> {
    return this.#engine.health(signal);
  }

  catalog(signal: AbortSignal): Promise<Catalog> {
    return this.#engine.catalog(signal);
  }

  locked<T>(signal: AbortSignal, work: (db: LockedEngine) => Promise<T>): Promise<T> {
    return this.#engine.locked(signal, work);
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}
