import { X509Certificate } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import type { PostgresConfig, SslMode, TlsVersion } from '../config.ts';
import { readText } from './files.ts';
import type { Findings } from './findings.ts';
import type { PostgresParts } from './postgres-parts.ts';
import { POSTGRES_DEFAULTS } from './postgres-variables.ts';
import type { Told } from './told.ts';
import { TLS_VERSIONS } from './values.ts';

/** PEM texts. */
interface Certificates {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

interface Versions {
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
}

type Attempts = PostgresConfig['tls'];

/**
 * What to try in order, in libpq's meaning of each sslmode. The chain is verified wherever a root certificate is
 * given, not with verify-* only: libpq does that in every mode that gets as far as TLS.
 * @see https://www.postgresql.org/docs/current/libpq-ssl.html
 */
function tlsAttempts(mode: SslMode, host: string, certificates: Certificates & Versions): Attempts {
  if (isSocket(host)) return [false];
  const identity = { ...certificates, ...(isIP(host) === 0 && { servername: host }) };
  // Told in full, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment turns nothing off.
  const chain: ConnectionOptions = { ...identity, rejectUnauthorized: true, checkServerIdentity: () => undefined };
  // Where nobody looks at the chain, the roots of Node and the system would be read for nothing: 5 to 45 ms.
  const unverified = { ...identity, rejectUnauthorized: false, ca: [] };
  const encrypted = certificates.ca === undefined ? unverified : chain;
  const attempts: Readonly<Record<SslMode, Attempts>> = {
    disable: [false],
    allow: [false, encrypted],
    prefer: [encrypted, false],
    require: [encrypted],
    'verify-ca': [chain],
    'verify-full': [{ ...identity, rejectUnauthorized: true }],
  };
  return attempts[mode];
}

type Encryption = Required<Pick<PostgresConfig, 'sslmode' | 'tls' | 'channelBinding'>>;

/** sslmode and what to try, with the certificates read from their files. */
export function tlsOf(host: string, parts: PostgresParts, findings: Findings): Encryption {
  const { rootCertificate: root } = parts;
  const system = root?.value === 'system';
  const sslmode = parts.sslmode?.value ?? (system ? 'verify-full' : POSTGRES_DEFAULTS.sslmode);
  const channelBinding = parts.channelBinding?.value ?? POSTGRES_DEFAULTS.channelBinding;
  const plaintext = isSocket(host) ? 'a Unix socket has none' : sslmode === 'disable' && 'sslmode is disable';
  if (channelBinding === 'require' && plaintext) {
    const hint = 'connect by TCP, with POSTGRES_SSLMODE=require or verify-full';
    findings.problem(`${parts.channelBinding?.source} is require, which needs TLS, but ${plaintext}`, hint);
  }
  if (isSocket(host)) return { sslmode, channelBinding, tls: tlsAttempts(sslmode, host, {}) };

  if (system && sslmode !== 'verify-full') {
    findings.problem(
      `${root.source} is system, which trusts every public authority, but sslmode ${sslmode} checks no name`,
      'set POSTGRES_SSLMODE=verify-full',
    );
  }
  if (sslmode === 'verify-ca' && root === undefined) {
    findings.problem(
      'sslmode verify-ca needs a root certificate, but POSTGRES_SSLROOTCERT is not set',
      'set it to the file, or use verify-full, which can trust the public authorities',
    );
  }
  if (sslmode === 'disable' && root !== undefined) {
    findings.warnings.push(`${root.source} is not used, because sslmode is disable`);
  }
  const certificates = sslmode === 'disable' ? {} : certificatesOf(parts, findings);
  const attempts = tlsAttempts(sslmode, host, { ...certificates, ...versionsOf(parts, findings) });
  // Without TLS there is nothing to bind a login to.
  const tls = channelBinding === 'require' ? attempts.filter((options) => options !== false) : attempts;
  return { sslmode, channelBinding, tls };
}

function versionsOf({ oldestTls: oldest, newestTls: newest }: PostgresParts, findings: Findings): Versions {
  const age = (version: TlsVersion) => TLS_VERSIONS.indexOf(version);
  if (newest && age(newest.value) < age(oldest?.value ?? POSTGRES_DEFAULTS.oldestTls)) {
    const other = oldest?.source ?? `the default ${POSTGRES_DEFAULTS.oldestTls}`;
    findings.problem(`${newest.source} is older than ${other}`, 'set PGSSLMINPROTOCOLVERSION to an older version');
  }
  return { ...(oldest && { minVersion: oldest.value }), ...(newest && { maxVersion: newest.value }) };
}

function certificatesOf({ rootCertificate, certificate, key }: PostgresParts, findings: Findings): Certificates {
  const ca = rootCertificate?.value === 'system' ? undefined : pemIn(rootCertificate, findings);
  const cert = pemIn(certificate, findings);
  const secret = pemIn(key, findings);
  if (rootCertificate && ca) {
    // TLS itself would pass over a file without certificates, and then trust nobody.
    refuseWhere(() => new X509Certificate(ca), `${rootCertificate.source}: holds no certificate in PEM`, findings);
  }
  if (certificate && key && cert && secret) {
    const message = `${certificate.source} and ${key.source}: not a certificate and its key, unencrypted, in PEM`;
    refuseWhere(() => createSecureContext({ cert, key: secret }), message, findings);
  }
  const lone = certificate && key ? undefined : (certificate ?? key);
  if (lone) {
    const which = lone === key ? 'key without its certificate' : 'certificate without its key';
    findings.problem(`${lone.source} tells a client ${which}`, 'set POSTGRES_SSLCERT and POSTGRES_SSLKEY, or neither');
  }
  return { ...(ca && { ca }), ...(cert && { cert }), ...(secret && { key: secret }) };
}

function pemIn(file: Told<string> | undefined, findings: Findings): string | undefined {
  if (file === undefined) return undefined;
  const { text, reason } = readText(file.value);
  if (reason !== undefined) findings.problem(`${file.source}: ${file.value}: ${reason}`);
  return text;
}

function refuseWhere(use: () => unknown, message: string, findings: Findings): void {
  try {
    use();
  } catch {
    findings.problem(message);
  }
}

/** What to warn of once it is known that a connection is not encrypted; undefined where nobody can listen in. */
export function plaintextWarning({ host, sslmode }: PostgresConfig): string | undefined {
  if (isSocket(host) || isLoopback(host)) return undefined;
  const why = sslmode === 'prefer' ? ', because the server did not offer TLS' : '';
  return `the connection to PostgreSQL at ${host} is not encrypted${why}; POSTGRES_SSLMODE=require or verify-full demands TLS`;
}

function isSocket(host: string): boolean {
  return host.startsWith('/');
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return /^(?:.+\.)?localhost\.?$/i.test(host);
  return LOOPBACK.check(host, version === 6 ? 'ipv6' : 'ipv4');
}
