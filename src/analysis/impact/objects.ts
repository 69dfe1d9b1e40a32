import type { AlterObjectSchemaStmt, CommentStmt, DropStmt, RenameStmt } from 'libpg-query';
import { type Effect, type Impact, impact, type RelationName } from './effect.ts';
import type { LockMode } from './locks.ts';
import { relationNamed, relationOf, wordsOf } from './nodes.ts';

/** What DROP, RENAME, SET SCHEMA and COMMENT do, by the kind of the object. */

const RELATIONS = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_SEQUENCE', 'OBJECT_FOREIGN_TABLE']);
/** Their name begins with the table's. */
const OF_TABLE = new Set(['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE', 'OBJECT_COLUMN', 'OBJECT_TABCONSTRAINT']);

const INDEX_ALONE = 'locks the index alone; readers and writers go on';

export function drop({ objects = [], removeType = 'OBJECT_TABLE', behavior, concurrent = false }: DropStmt): Impact {
  const names = objects.map(wordsOf);
  const cascade = behavior === 'DROP_CASCADE' ? ['CASCADE: what depends on it goes too, and is locked like it'] : [];
  if (RELATIONS.has(removeType)) {
    const relations = names.map(relationNamed);
    return impact({
      effects: relations.map((relation) => ({ relation, lock: 'ACCESS EXCLUSIVE', work: 'none' })),
      drops: relations,
      notes: [
        ...cascade,
        ...(removeType === 'OBJECT_TABLE' ? ['tables that its foreign keys refer to are locked in the same way'] : []),
      ],
    });
  }
  if (removeType === 'OBJECT_INDEX') {
    const relations = names.map(relationNamed);
    const lock = concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
    return impact({
      effects: relations.map((relation) => ({ relation, tableOf: true, lock, work: 'none' })),
      drops: relations,
      waitsForTransactions: concurrent,
      notes: cascade,
    });
  }
  if (OF_TABLE.has(removeType))
    return impact({ effects: names.map((words) => onTable(words, 'ACCESS EXCLUSIVE')), notes: cascade });
  return impact({ notes: cascade });
}

function onTable(words: readonly string[], lock: LockMode): Effect {
  return { relation: relationNamed(words.slice(0, -1)), lock, work: 'none' };
}

export function rename({ renameType = 'OBJECT_TABLE', relation, newname = '' }: RenameStmt): Impact {
  if (relation === undefined) return impact({});
  const table = relationOf(relation);
  const isIndex = renameType === 'OBJECT_INDEX';
  const moved = RELATIONS.has(renameType) || isIndex;
  return impact({
    effects: isIndex ? [] : [{ relation: table, lock: 'ACCESS EXCLUSIVE', work: 'none' }],
    notes: [
      ...(isIndex ? [INDEX_ALONE] : []),
      ...(moved || renameType === 'OBJECT_COLUMN' ? ['whoever uses the old name fails from then on'] : []),
    ],
    ...(moved && { creates: [{ relation: { ...table, name: newname }, renamed: table }], drops: [table] }),
  });
}

export function setSchema({ objectType = 'OBJECT_TABLE', relation, newschema = '' }: AlterObjectSchemaStmt): Impact {
  if (relation === undefined || !RELATIONS.has(objectType)) return impact({});
  const table: RelationName = relationOf(relation);
  return impact({
    effects: [{ relation: table, lock: 'ACCESS EXCLUSIVE', work: 'none' }],
    notes: [`from then on it is found in the schema ${newschema} alone`],
  });
}

export function comment({ objtype = 'OBJECT_TYPE', object }: CommentStmt): Impact {
  const words = wordsOf(object);
  if (RELATIONS.has(objtype))
    return impact({ effects: [{ relation: relationNamed(words), lock: 'SHARE UPDATE EXCLUSIVE', work: 'none' }] });
  if (OF_TABLE.has(objtype)) return impact({ effects: [onTable(words, 'SHARE UPDATE EXCLUSIVE')] });
  return impact({ notes: objtype === 'OBJECT_INDEX' ? [INDEX_ALONE] : [] });
}
