import type { Driver } from 'neo4j-driver';
import type { Client } from 'pg';

/** Everything in a schema, one entry an object: what it is and its name → how it is defined. */
export type Objects = Readonly<Record<string, string>>;

const notOfAnExtension = (catalog: string) =>
  `NOT EXISTS (SELECT FROM pg_depend WHERE classid = '${catalog}'::regclass AND objid = ${catalog}.oid AND deptype = 'e')`;

/**
 * What stands in the schema public. Left out: what extensions brought, and NOT NULL as a constraint of its own
 * (PostgreSQL 18 lists it so; here it is part of the column).
 */
export async function readCatalog(client: Client): Promise<Objects> {
  const { rows } = await client.query<{ object: string; definition: string }>(`
    WITH relation AS (
      SELECT oid, relname, relkind FROM pg_class
      WHERE relnamespace = 'public'::regnamespace
        AND ${notOfAnExtension('pg_class')}
    )
    SELECT
      CASE relkind WHEN 'r' THEN 'table ' WHEN 'v' THEN 'view ' WHEN 'S' THEN 'sequence ' ELSE relkind::text || ' ' END
        || relname AS object,
      COALESCE((
        SELECT format('of %s.%s', refobjid::regclass, attname)
        FROM pg_depend JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
        WHERE relkind = 'S' AND classid = 'pg_class'::regclass AND objid = relation.oid AND deptype IN ('a', 'i')
      ), '') AS definition
    FROM relation WHERE relkind <> 'i'
    UNION ALL
    SELECT format('column %s.%s', relname, attname),
      concat(format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN ' NOT NULL' END,
        ' DEFAULT ' || pg_get_expr(adbin, adrelid))
    FROM relation
      JOIN pg_attribute ON attrelid = relation.oid
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relkind NOT IN ('i', 'S') AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'index ' || relname,
      concat(CASE WHEN indisunique THEN 'unique ' END, indrelid::regclass, ' ',
        substring(pg_get_indexdef(oid) FROM 'USING (.*)'), CASE WHEN NOT indisvalid THEN ' INVALID' END)
    FROM relation JOIN pg_index ON indexrelid = oid
    UNION ALL
    SELECT format('constraint %s.%s', relname, conname), pg_get_constraintdef(pg_constraint.oid, true)
    FROM relation JOIN pg_constraint ON conrelid = relation.oid WHERE contype NOT IN ('n', 't')
    UNION ALL
    SELECT format('trigger %s.%s', relname, tgname), pg_get_triggerdef(pg_trigger.oid, true)
    FROM relation JOIN pg_trigger ON tgrelid = relation.oid WHERE NOT tgisinternal
    UNION ALL
    SELECT format('function %s(%s)', proname, pg_get_function_arguments(oid)), pg_get_function_result(oid)
    FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
      AND ${notOfAnExtension('pg_proc')}
    UNION ALL
    SELECT 'type ' || typname, typtype::text
    FROM pg_type
    WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'r')
      AND ${notOfAnExtension('pg_type')}
    ORDER BY object`);
  return Object.fromEntries(rows.map(({ object, definition }) => [object, definition]));
}

/** The bodies of functions and views as the server keeps them: what readCatalog cannot tell apart. */
export async function readBodies(client: Client): Promise<Objects> {
  const { rows } = await client.query<{ object: string; definition: string }>(`
    SELECT 'function ' || proname AS object, prosrc AS definition FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
      AND ${notOfAnExtension('pg_proc')}
    UNION ALL
    SELECT 'view ' || viewname, definition FROM pg_views WHERE schemaname = 'public'
    ORDER BY object`);
  return Object.fromEntries(rows.map(({ object, definition }) => [object, definition]));
}

/** The graph's constraints and indexes, with each index's state; without the two token lookup indexes of every graph. */
export async function readGraph(driver: Driver): Promise<Objects> {
  const constraints = await driver.executeQuery('SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties');
  const indexes = await driver.executeQuery(`
    SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, state, owningConstraint
    WHERE type <> 'LOOKUP'`);
  return Object.fromEntries([
    ...constraints.records.map((row) => {
      const [label, properties] = [row.get('labelsOrTypes').join('|'), row.get('properties').join(', ')];
      // Newer servers say NODE_PROPERTY_UNIQUENESS for the same thing.
      const type = row.get('type').replace('NODE_PROPERTY_', '');
      return [`constraint ${row.get('name')}`, `${type} ${label}(${properties})`];
    }),
    ...indexes.records.map((row) => {
      const [label, properties] = [row.get('labelsOrTypes').join('|'), row.get('properties').join(', ')];
      const owner = row.get('owningConstraint') === null ? '' : ` of ${row.get('owningConstraint')}`;
      return [
        `index ${row.get('name')}`,
        `${row.get('type')} ${row.get('entityType')} ${label}(${properties}) ${row.get('state')}${owner}`,
      ];
    }),
  ]);
}
