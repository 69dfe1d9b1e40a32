import type { Claims } from '../catalog/claims.ts';
import type { Config } from '../config.ts';
import type { Database } from '../core/migration.ts';
import type { Emit } from '../events.ts';
import type { Engine, EngineOptions, Identity } from './engine.ts';

/** The only switch over engines. A driver is loaded only when its database is in scope. */
export async function openEngines(
  config: Config,
  scope: readonly Database[],
  identity: Identity,
  emit: Emit,
  claims: () => Promise<Claims | undefined>,
): Promise<readonly Engine[]> {
  return Promise.all(scope.map((database) => openEngine(database, config, { identity, emit, claims })));
}

async function openEngine(
  database: Database,
  { budgets, postgres, neo4j }: Config,
  common: Pick<EngineOptions, 'identity' | 'emit' | 'claims'>,
): Promise<Engine> {
  switch (database) {
    case 'postgres': {
      const { PostgresEngine } = await import('./postgres/engine.ts');
      return new PostgresEngine({ config: configured(postgres, database), budgets, ...common });
    }
    case 'neo4j': {
      const { Neo4jEngine } = await import('./neo4j/engine.ts');
      return new Neo4jEngine({ config: configured(neo4j, database), budgets, ...common });
    }
  }
}

function configured<T>(config: T | undefined, database: Database): T {
  if (config === undefined) throw new Error(`${database} is in scope and was not configured`);
  return config;
}
