import type { Advice } from '../../remedy.ts';

/** For what keeps a server from answering, by what errors.ts takes it for. Read only once that happens. */
export const CONNECTING = {
  password: {
    means: 'the server does not let this user in with this password; it does not say which of the two is wrong',
    hint: 'check NEO4J_USER and NEO4J_PASSWORD (or NEO4J_PASSWORD_FILE)',
  },
  'password expired': {
    means: 'the password is right, and has to be changed before anything else is allowed',
    hint: 'ALTER CURRENT USER SET PASSWORD FROM … TO … (cypher-shell asks for it), then set NEO4J_PASSWORD',
  },
  'too many attempts': {
    means: 'after three wrong passwords the server refuses a user for some seconds, also with the right one',
    hint: 'check NEO4J_USER and NEO4J_PASSWORD, and who else tries with an old password',
  },
  right: {
    means: 'the user that migrates lacks a right',
    hint: 'grant this user the right that the message names',
  },
  database: {
    means: 'the server answers, and has no database of this name',
    hint: 'set NEO4J_DATABASE to one that exists (Community Edition has one: neo4j), or unset it',
  },
  offline: {
    means: 'the server answers, and the database of this name is stopped or still starting',
    hint: 'START DATABASE (SHOW DATABASE says why it is not online), or set NEO4J_DATABASE to another one',
  },
  tls: {
    means:
      'server and client could not agree on an encrypted connection, or the certificate is not one that is trusted here',
    hint: 'use bolt:// or neo4j:// if the server has no TLS, +ssc for a self-signed certificate; NODE_EXTRA_CA_CERTS names the file with the root certificate of a private authority',
  },
  'cut handshake': {
    means: 'the server has closed the connection in the middle of TLS: it speaks none, or is just starting',
    hint: 'use bolt:// or neo4j:// where the server has no TLS; else wait until it has started',
  },
  http: {
    means: 'a web server answers here: perhaps the Browser of Neo4j (port 7474)',
    hint: 'use the Bolt port (7687 by default)',
  },
  'host name': {
    means: 'no name server that this machine asks knows the host',
    hint: 'check NEO4J_URI; in Docker both containers must be on one network, in Kubernetes the name needs its namespace; an IP address leaves name resolution out',
  },
  unreachable: {
    means: 'nobody answers at this address as Neo4j does',
    hint: 'check that the server runs and that host, port and firewall let this machine reach it',
  },
} as const satisfies Readonly<Record<string, Advice>>;
