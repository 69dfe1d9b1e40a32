import type { Neo4jConfig } from '../config.ts';
import type { Findings } from './findings.ts';
import { type Layer, merged } from './layers.ts';
import { tellingsOf } from './told.ts';
import { NEO4J_VARIABLES } from './variables.ts';

/**
 * Neo4j's configuration from layers, the strongest first; undefined where there are problems.
 * @param otherwise stands in for what must be told somewhere.
 * @param hint what else can be done where it is not.
 */
export function neo4jFrom(
  layers: readonly Layer[],
  findings: Findings,
  { otherwise, hint }: { readonly otherwise?: Pick<Neo4jConfig, 'uri' | 'password'>; readonly hint?: string } = {},
): Neo4jConfig | undefined {
  const layer = merged(layers.map(withUser));
  const told = tellingsOf(layer, NEO4J_VARIABLES, findings);
  const uri = told.NEO4J_URI?.value ?? otherwise?.uri;
  const password = told.NEO4J_PASSWORD?.value ?? otherwise?.password;
  const missing = [
    ...(uri === undefined ? ['NEO4J_URI'] : []),
    ...(password === undefined ? ['NEO4J_PASSWORD'] : []),
  ].filter((name) => !layer.has(name));
  if (missing.length > 0) {
    const names = missing.join(' and ');
    findings.missing(`Neo4j is not configured: ${names} ${missing.length === 1 ? 'is' : 'are'} not set`, hint);
  }
  if (uri === undefined || password === undefined) return undefined;
  return Object.freeze({
    uri,
    user: told.NEO4J_USER?.value ?? 'neo4j',
    password,
    database: told.NEO4J_DATABASE?.value,
  });
}

/** NEO4J_USERNAME under the name that wins. */
function withUser(layer: Layer): Layer {
  const user = layer.get('NEO4J_USER') ?? layer.get('NEO4J_USERNAME');
  return user ? new Map([...layer, ['NEO4J_USER', user]]) : layer;
}
