import { randomBytes } from 'node:crypto';
import neo4j, { type RecordShape } from 'neo4j-driver';
import pg from 'pg';
import { createAuthority } from '../../servers/certificate-authority.ts';
import { emptyNeo4j } from '../../servers/databases.ts';
import { type LocalNeo4j, localNeo4j } from '../../servers/local-neo4j.ts';
import { type LocalPostgres, localPostgres } from '../../servers/local-postgres.ts';
import { type Gateway, openGateway } from '../gateway.ts';
import type { Kubectl } from '../kubectl.ts';
import { serviceFor } from '../service.ts';

const NAMESPACE = 'databases';
const NAMES = { postgres: `postgres.${NAMESPACE}.svc`, neo4j: `neo4j.${NAMESPACE}.svc` } as const;
const PORTS = { postgres: 5432, neo4j: 7687 } as const;

/** All roles but the superuser, which makes the database, must use TLS. */
const HBA = 'host all postgres 127.0.0.1/32 scram-sha-256\nhostssl all all all scram-sha-256\n';

/** PostgreSQL and Neo4j under the names and ports of the documentation, with certificates of a private authority. */
export class DocumentedDatabases {
  /** PEM text of the authority's certificate. */
  readonly authority: string;
  /** Of the role `localrag`. */
  readonly postgresPassword = randomBytes(12).toString('hex');
  readonly neo4jPassword: string;
  readonly #postgres: LocalPostgres;
  readonly #neo4j: LocalNeo4j;
  readonly #gateways: readonly Gateway[];
  readonly #kubectl: Kubectl;

  private constructor(
    kubectl: Kubectl,
    authority: string,
    servers: readonly [LocalPostgres, LocalNeo4j],
    gateways: readonly Gateway[],
  ) {
    this.#kubectl = kubectl;
    this.authority = authority;
    [this.#postgres, this.#neo4j] = servers;
    this.#gateways = gateways;
    this.neo4jPassword = this.#neo4j.password;
  }

  /** @param address of this machine, as pods reach it */
  static async start(kubectl: Kubectl, address: string): Promise<DocumentedDatabases> {
    const authority = await createAuthority('Databases');
    const [forPostgres, forNeo4j] = [await authority.issue(NAMES.postgres), await authority.issue(NAMES.neo4j)];
    const settings = {
      // A client with routing connects to the address that the server advertises.
      'server.bolt.advertised_address': `${NAMES.neo4j}:${PORTS.neo4j}`,
      // examples/job.yaml is without TLS; where the URI demands it, the client does not fall back.
      'server.bolt.tls_level': 'OPTIONAL',
    };
    const servers = await Promise.all([
      localPostgres({ tls: forPostgres, hba: HBA }),
      localNeo4j({ tls: forNeo4j, settings }),
    ]);
    const ports = { postgres: servers[0].port, neo4j: Number(new URL(servers[1].uri).port) };
    await kubectl.run(['create', 'namespace', NAMESPACE]);
    const gateways: Gateway[] = [];
    for (const name of ['postgres', 'neo4j'] as const) {
      const gateway = await openGateway(address, { host: '127.0.0.1', port: ports[name] });
      gateways.push(gateway);
      const items = serviceFor({ name, namespace: NAMESPACE, port: PORTS[name], gateway });
      await kubectl.run(['apply', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    }
    return new DocumentedDatabases(kubectl, authority.certificate, servers, gateways);
  }

  /** Makes both as new: an empty database `localrag` of the role `localrag`, an empty graph. */
  async renew(): Promise<void> {
    for (const statement of [
      'DROP DATABASE IF EXISTS localrag WITH (FORCE)',
      'DROP ROLE IF EXISTS localrag',
      `CREATE ROLE localrag LOGIN PASSWORD '${this.postgresPassword}'`,
      'CREATE DATABASE localrag OWNER localrag',
    ])
      await this.#query('postgres', statement);
    await this.query('CREATE EXTENSION vector; CREATE EXTENSION "uuid-ossp"');
    await (await emptyNeo4j(this.#neo4j)).close();
  }

  /** In the database `localrag`, as the superuser. */
  query<Row extends pg.QueryResultRow>(sql: string): Promise<readonly Row[]> {
    return this.#query('localrag', sql);
  }

  /** In Neo4j. */
  async cypher(statement: string): Promise<readonly RecordShape[]> {
    const { uri, user, password } = this.#neo4j;
    const driver = neo4j.driver(uri, neo4j.auth.basic(user, password), { disableLosslessIntegers: true });
    try {
      const { records } = await driver.executeQuery(statement);
      return records.map((record) => record.toObject());
    } finally {
      await driver.close();
    }
  }

  async #query<Row extends pg.QueryResultRow>(database: string, sql: string): Promise<readonly Row[]> {
    const { host, port, user, password } = this.#postgres;
    const client = new pg.Client({ host, port, user, password, database });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#gateways.map((gateway) => gateway.close()));
    await this.#kubectl.attempt(['delete', 'namespace', NAMESPACE, '--wait=false']);
    await Promise.all([this.#postgres.remove(), this.#neo4j.remove()]);
  }
}
