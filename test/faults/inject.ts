import { setTimeout as sleep } from 'node:timers/promises';
import type { Arena, Restartable } from './arena.ts';
import type { Place } from './points.ts';
import type { Link } from './proxy.ts';
import type { Run } from './runs.ts';

/** Milliseconds until PostgreSQL ends a session whose peer does not answer: the keepalive that the program asks for. */
const POSTGRES_KEEPALIVE = 25_000;
/** Neo4j has no such setting: for as long as a run may take. */
const NEVER = 600_000;

/** ErrorResponse of a server whose max_connections are in use. */
const NO_CONNECTIONS = errorResponse('FATAL', '53300', 'sorry, too many clients already');
/** As a server says that has rolled back what it could not write; then ReadyForQuery. */
const NO_SPACE = Buffer.concat([
  errorResponse('ERROR', '53100', 'could not extend file "base/5/16384": No space left on device'),
  Buffer.from([0x5a, 0, 0, 0, 5, 0x49]),
]);

/** Does to a run what the place says; returns whether the message still goes on its way. */
export async function inject(
  arena: Arena,
  run: Run,
  { database, direction, fault }: Place,
  link: Link,
): Promise<boolean> {
  switch (fault) {
    case 'kill':
      run.kill('SIGKILL');
      // What was sent is on its way already; what comes back finds nobody.
      return direction === 'up';
    case 'stop':
      run.kill('SIGTERM');
      return true;
    case 'cut':
      link.cut();
      return false;
    case 'swallow':
      link.cutAtReply();
      return true;
    case 'silence':
      link.silence(database === 'postgres' ? POSTGRES_KEEPALIVE : NEVER);
      return false;
    case 'full':
      link.answer(NO_CONNECTIONS);
      return false;
    case 'disk':
      await link.refuse(NO_SPACE);
      return false;
    case 'terminate':
      await (database === 'postgres' ? endSessions(arena) : endTransactions(arena));
      return true;
    case 'freeze':
      await takenOver(arena, run);
      return true;
    case 'sleep':
      await outslept(arena, run);
      return true;
    case 'crash':
      await restarted(arena.servers[database]);
      return false;
  }
}

async function endSessions({ postgres }: Arena): Promise<void> {
  await postgres.asSuperuser(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'localrag-migrate%'`,
  );
}

async function endTransactions({ neo4j }: Arena): Promise<void> {
  const [found] = await neo4j.run<{ ids: string[] }>(
    `SHOW TRANSACTIONS YIELD transactionId, metaData WHERE metaData.application = 'localrag-migrate'
     RETURN collect(transactionId) AS ids`,
  );
  if (found !== undefined && found.ids.length > 0) await neo4j.run('TERMINATE TRANSACTIONS $ids', found);
}

/** The program sleeps for longer than its lease lives, and somebody else migrates meanwhile. */
async function takenOver(arena: Arena, run: Run): Promise<void> {
  run.kill('SIGSTOP');
  const takeover = expireLease(arena).then(() => arena.bystander());
  // Where it sleeps in a transaction that has written the lease, nobody can take that over before it goes on.
  await Promise.race([takeover, sleep(PATIENCE, undefined, { ref: false })]);
  run.kill('SIGCONT');
}

/** Milliseconds in which another run is through, unless it has to wait for the one that sleeps. */
const PATIENCE = 10_000;

/** Sets the end of the lease into the past: the program sleeps, as far as others can see, for longer than its lease lives. */
async function expireLease({ neo4j }: Arena): Promise<void> {
  // Written first, read after: another run may be about to take it.
  await neo4j.run('MATCH (l:`_MigrationLease`) SET l.judged = true SET l.until = datetime({epochMillis: 0})');
}

/** As time does it: the other run waits for longer than the lease lives. */
async function outslept(arena: Arena, run: Run): Promise<void> {
  run.kill('SIGSTOP');
  await arena.bystander({ LOCK_TIMEOUT: '120s' });
  run.kill('SIGCONT');
}

async function restarted(server: Partial<Restartable>): Promise<void> {
  if (server.stop === undefined || server.start === undefined) throw new Error('this server is not ours to crash');
  await server.stop('immediate');
  await server.start();
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html, ErrorResponse. */
function errorResponse(severity: string, code: string, message: string): Buffer {
  const fields = Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}
