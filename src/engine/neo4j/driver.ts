import neo4j, { type Driver } from 'neo4j-driver';
import type { Neo4jConfig } from '../../config.ts';

/** A driver without a retry loop; it connects with the first question. */
export function openDriver({ uri, user, password }: Neo4jConfig, userAgent: string): Driver {
  return neo4j.driver(uri, neo4j.auth.basic(user, password), {
    // executeWrite would run work twice when the reply to COMMIT is lost; and a closed port would take 30 s.
    maxTransactionRetryTime: 0,
    connectionTimeout: 5_000,
    connectionAcquisitionTimeout: 15_000,
    maxConnectionPoolSize: 10,
    disableLosslessIntegers: true,
    telemetryDisabled: true,
    userAgent,
    notificationFilter: { minimumSeverityLevel: 'OFF' },
  });
}
