import type { Advice } from '../../remedy.ts';

/** For what keeps a connection from being made, by what errors.ts takes it for. */
export const CONNECTING = {
  'host name': {
    means: 'no name server that this machine asks knows the host',
    hint: 'check POSTGRES_HOST; in Docker both containers must be on one network, in Kubernetes the name needs its namespace (postgres.<namespace>.svc); an IP address leaves name resolution out',
  },
  password: {
    means: 'the server does not let this user in with this password; it does not say which of the two is wrong',
    hint: 'check POSTGRES_USER and POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE)',
  },
  'pg_hba.conf': {
    means:
      'the server takes no connection of this user to this database from here, or not with this encryption, or not with a password',
    hint: "the server's pg_hba.conf has no entry for this user, database, address and encryption: add one, or change POSTGRES_SSLMODE",
  },
  login: {
    means: 'the role is there, but it is one that may not log in',
    hint: 'ALTER ROLE this user LOGIN, or set POSTGRES_USER to one that may',
  },
  database: {
    means: 'the server answers, and has no database of this name',
    hint: 'create the database, or set POSTGRES_DB to one that exists',
  },
  connect: {
    means: 'the role may not connect to this database',
    hint: 'GRANT CONNECT ON DATABASE … TO this user',
  },
  'no tls': {
    means: 'the server speaks without encryption only',
    hint: 'set POSTGRES_SSLMODE=disable (or prefer), or configure the server to accept SSL connections',
  },
  tls: {
    means:
      'server and client could not agree on an encrypted connection, or the certificate is not one that is trusted here',
    hint: 'check the root certificate (POSTGRES_SSLROOTCERT), the host name in the certificate, and POSTGRES_SSLMODE',
  },
  'channel binding': {
    means:
      'the server does not bind the login to the TLS connection: it asks for a password in clear text or as MD5, for none, or TLS ends before the server, as at a pooler',
    hint: 'connect to the server itself, with a password that is stored as scram-sha-256, or set PGCHANNELBINDING=prefer (in DATABASE_URL: channel_binding=prefer)',
  },
  'too many': {
    means: 'no connection is free',
    hint: 'all connections of the server, of the role or of the pooler are in use: end some, or raise max_connections (CONNECTION LIMIT, max_client_conn)',
  },
  starting: {
    means: 'the server is there, and is starting, stopping, or recovering after a crash',
    hint: 'check that the server runs: its log says what it is doing; a standby without hot_standby never takes connections',
  },
  unreachable: {
    means: 'nobody answers at this address as PostgreSQL does',
    hint: 'check that the server runs and that host, port and firewall let this machine reach it',
  },
} as const satisfies Readonly<Record<string, Advice>>;
