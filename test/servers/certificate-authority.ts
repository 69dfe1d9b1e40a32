import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './command.ts';
import { removeAtExit } from './lifetime.ts';

/** PEM texts. */
interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A private authority of one test run: a client trusts it only with its certificate. */
export interface CertificateAuthority {
  /** PEM text. */
  readonly certificate: string;
  /** Issues a server certificate for these host names. */
  issue(...names: readonly [string, ...string[]]): Promise<Certificate>;
}

/** No extensions by default, as in no distribution's openssl.cnf: each certificate names its own. */
const CONFIGURATION = '[req]\ndistinguished_name = subject\n[subject]\n';
const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

/** @throws {CommandMissing} without openssl */
export async function createAuthority(name: string): Promise<CertificateAuthority> {
  const directory = await mkdtemp(join(tmpdir(), 'localrag-migrate-authority-'));
  removeAtExit(directory);
  const path = (file: string) => join(directory, file);
  await writeFile(path('openssl.cnf'), CONFIGURATION);
  const request = (file: string, subject: string, args: readonly string[]) => {
    const output = ['-keyout', path(`${file}.key`), '-out', path(`${file}.crt`)];
    return run('openssl', [
      ...['req', '-x509', '-config', path('openssl.cnf'), ...EC_KEY, ...output, '-subj', `/CN=${subject}`],
      ...args.flatMap((extension) => ['-addext', extension]),
      ...(file === 'ca' ? [] : ['-CA', path('ca.crt'), '-CAkey', path('ca.key')]),
    ]);
  };
  await request('ca', name, ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']);
  return {
    certificate: await readFile(path('ca.crt'), 'utf8'),
    issue: async (...names) => {
      const alternatives = names.map((host) => `DNS:${host}`).join(',');
      await request(names[0], names[0], ['basicConstraints=critical,CA:FALSE', `subjectAltName=${alternatives}`]);
      const [cert, key] = await Promise.all([
        readFile(path(`${names[0]}.crt`), 'utf8'),
        readFile(path(`${names[0]}.key`), 'utf8'),
      ]);
      return { cert, key };
    },
  };
}
