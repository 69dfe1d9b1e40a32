import { test } from 'vitest';
import type { Told } from '../refusal.ts';
import { BOTH, expectProblems } from './configuring.ts';

test.each<[what: string, env: Readonly<Record<string, string>>, told: Told]>([
  ['a port that is none', { POSTGRES_PORT: '65536' }, { says: 'POSTGRES_PORT is not a port, 1 to 65535' }],
  ['a port with something else in it', { POSTGRES_PORT: '5432/tcp' }, { says: 'POSTGRES_PORT is not a port' }],
  [
    'a host with its port',
    { POSTGRES_HOST: 'db.example:5432' },
    { says: 'POSTGRES_HOST is not a host name or an address' },
  ],
  ['several hosts', { POSTGRES_HOST: 'db1,db2' }, { says: 'POSTGRES_HOST names several hosts' }],
  [
    'a mode of TLS that is none',
    { POSTGRES_SSLMODE: 'on' },
    { says: 'POSTGRES_SSLMODE is none of disable, allow, prefer, require, verify-ca, verify-full: "on"' },
  ],
  [
    'verify-ca without a certificate',
    { POSTGRES_SSLMODE: 'verify-ca' },
    { says: 'verify-ca needs a root certificate, but POSTGRES_SSLROOTCERT is not set', hint: 'set it to the file' },
  ],
  [
    'a certificate that is not there',
    { POSTGRES_SSLMODE: 'verify-full', POSTGRES_SSLROOTCERT: '/nowhere/ca.crt' },
    { says: 'POSTGRES_SSLROOTCERT: /nowhere/ca.crt: no such file or directory' },
  ],
  [
    'a Neo4j URI with a scheme that is none',
    { NEO4J_URI: 'http://127.0.0.1:1' },
    { says: 'NEO4J_URI does not begin with any of bolt://' },
  ],
  [
    'a Neo4j URI without a scheme',
    { NEO4J_URI: 'graph.example:7687' },
    { says: 'NEO4J_URI does not begin with any of bolt://' },
  ],
  [
    'a password in the Neo4j URI',
    { NEO4J_URI: 'bolt://neo4j:battery-staple@127.0.0.1:1' },
    { says: 'NEO4J_URI holds a user or a password; NEO4J_USER and NEO4J_PASSWORD are for them' },
  ],
  [
    'a duration without a unit',
    { WAIT_TIMEOUT: '120' },
    { says: 'WAIT_TIMEOUT is not a duration such as 500ms, 90s, 5m or 2h: "120"' },
  ],
  [
    'a lock timeout without limit',
    { DDL_LOCK_TIMEOUT: '0' },
    { says: 'DDL_LOCK_TIMEOUT is 0, which would block every other session' },
  ],
  [
    'a level of log that is none',
    { LOG_LEVEL: 'loud' },
    { says: 'LOG_LEVEL is none of debug, info, warn, error: "loud"' },
  ],
  [
    'a password twice',
    { POSTGRES_PASSWORD_FILE: '/run/secrets/postgres' },
    { says: 'both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set', hint: 'keep one of them' },
  ],
])('%s', (_, env, told) => expectProblems('migrate', { ...BOTH, ...env }, [told]));
