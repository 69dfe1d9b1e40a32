import type pg from 'pg';
import type { PostgresConfig } from '../../config.ts';
import { connectionOf } from './driver.ts';

/** The mechanism of SASL that binds a login to the server's certificate: https://www.rfc-editor.org/rfc/rfc5929#section-4 */
const BINDING = 'SCRAM-SHA-256-PLUS';

/** How libpq begins, so that a search finds it. */
const NOT_BOUND = 'channel binding required, but';

/**
 * One login. pg binds it where the server offers that, and goes on without where not; here `require` gets its meaning: no
 * password is sent, and no session begins, if the login is not bound.
 */
export class Login {
  /** Of pg.Client. */
  readonly options: Pick<pg.ClientConfig, 'password' | 'enableChannelBinding'>;
  readonly #isRequired: boolean;
  #isOffered = false;
  #isBound = false;

  constructor({ channelBinding, password = '' }: PostgresConfig, encrypted: boolean) {
    this.#isRequired = channelBinding === 'require';
    this.options = {
      enableChannelBinding: encrypted && channelBinding !== 'disable',
      // A function keeps pg from looking into the environment and ~/.pgpass when there is no password.
      password: () => {
        if (!this.#isRequired || this.#isOffered) return password;
        throw new Error(`${NOT_BOUND} the server offers no login with channel binding`);
      },
    };
  }

  /** Before the client connects: it must know of each message of the server before pg acts on it. */
  watch(client: pg.Client): void {
    if (!this.#isRequired) return;
    const connection = connectionOf(client);
    connection.on('authenticationSASL', ({ mechanisms }: { readonly mechanisms: readonly string[] }) => {
      this.#isOffered = mechanisms.includes(BINDING);
    });
    // pg checks the server's signature in it, and ends the attempt if it is wrong.
    connection.on('authenticationSASLFinal', () => {
      this.#isBound = this.#isOffered;
    });
    connection.on('authenticationOk', () => {
      if (this.#isBound) return;
      connection.emit('error', new Error(`${NOT_BOUND} the server let the client in without channel binding`));
    });
  }
}
