import { characterName, INVISIBLE } from '../../../core/characters.ts';
import type { Remedy } from '../../remedy.ts';

/** In a word that the server quotes, which is no string: what is in strings does no harm. */
const UNSEEN = new RegExp(
  `at or near "(?!\\w?'|\\$)[^"]*(?<character>(?![\\x00-\\x7f\\u200C\\u200D\\uFE00-\\uFE0F])${INVISIBLE.source})`,
  'u',
);

/** What is wrong with a statement itself, or with what it says of the schema. */
export const STATEMENTS: readonly Remedy[] = [
  {
    code: '42601',
    when: /unterminated dollar-quoted string/,
    means: 'a body that opens with $$ or $tag$ never closes',
    hint: 'close the $tag$ that opens at this place; the two tags have to be spelled alike, in capitals and small letters too',
  },
  {
    code: '42601',
    when: UNSEEN,
    means: ({ character = '' }) =>
      `${characterName(character)} is in the text, which the server takes for a part of a word`,
    hint: ({ character = '' }) =>
      `replace ${characterName(character)} with a plain space, or remove it: text copied from a web page, a chat or a word processor often has it`,
  },
  {
    code: '42601',
    means: 'the server does not understand the statement from the caret on; nothing of the file has run',
    hint: 'correct the word at the caret, or the one before it: a comma too many, a bracket or a quote that is missing, syntax of a newer PostgreSQL',
  },
  {
    code: '42703',
    means: 'no table in this statement has such a column',
    hint: 'correct the name (in quotes capitals count), or add the column in this file or in an earlier one; a text goes into single quotes',
  },
  {
    code: '42P01',
    means: 'there is no table, view or index of this name in the schemas of search_path',
    hint: 'correct the name, put its schema before it, or move the statement behind the one that creates it; DROP and ALTER take IF EXISTS',
  },
  {
    code: '42883',
    when: /operator does not exist/,
    means: 'no operator compares or combines values of these two types',
    hint: 'cast one side (value::type); for <=>, <-> and <#> the extension vector must be installed, in a schema of search_path',
  },
  {
    code: '42883',
    means: 'there is no function of this name for arguments of these types',
    hint: 'cast the arguments, create the function before it is called, or install the extension that brings it (uuid_generate_v4: uuid-ossp)',
  },
  {
    code: '42704',
    when: /type "(?:\w+\.)?(?:vector|halfvec|sparsevec)"|access method "(?:hnsw|ivfflat)"|operator class "(?:vector|halfvec)_/,
    means: 'pgvector is not installed in this database, or not in a schema of search_path, or is too old',
    hint: 'CREATE EXTENSION IF NOT EXISTS vector in an earlier migration; where it is installed elsewhere, add its schema to search_path; `localrag-migrate health` shows its version',
  },
  {
    code: '42704',
    means: 'there is no type, role, constraint, extension or setting of this name',
    hint: 'correct the name, or move the statement behind the one that creates it; DROP takes IF EXISTS',
  },
  {
    code: '42P07',
    means:
      'a table, view, index or sequence of this name is there already: made by hand, by the earlier tool, or by an earlier migration',
    hint: 'compare it with what the file makes (`localrag-migrate verify`): where it is the same, write IF NOT EXISTS or record the file with `baseline`; else rename one of them',
  },
  {
    code: '42701',
    means: 'the table has a column of this name already, or the statement names it twice',
    hint: 'write ADD COLUMN IF NOT EXISTS where the column that is there is the right one; else take one of them out',
  },
  {
    code: '42710',
    means: 'an object of this name is there already (a type, trigger, constraint, policy, role or extension)',
    hint: 'drop it first (DROP … IF EXISTS), or write CREATE OR REPLACE or IF NOT EXISTS where the kind of object has it',
  },
  {
    code: '42723',
    means: 'a function of this name and with these arguments is there already',
    hint: 'write CREATE OR REPLACE FUNCTION',
  },
  {
    code: '42P06',
    means: 'the schema is there already',
    hint: 'write CREATE SCHEMA IF NOT EXISTS',
  },
  {
    code: '42P13',
    means: 'CREATE OR REPLACE cannot turn a function into this one, or its definition contradicts itself',
    hint: 'DROP FUNCTION IF EXISTS name(arguments) before it where the result or the names of arguments change; what uses it has to be made again',
  },
  {
    code: '42P16',
    means:
      'a table or view cannot be defined like this: two primary keys, or a view whose columns would change places or types',
    hint: 'drop the old key first; a view may only get columns at its end, else DROP VIEW and CREATE VIEW',
  },
  {
    code: '42P17',
    when: /IMMUTABLE/,
    means: 'an index or a generated column may only use functions that give the same result for ever',
    hint: "use a function that is IMMUTABLE: no now(), no cast that depends on the time zone; (value AT TIME ZONE 'UTC') is one",
  },
  {
    code: '42P17',
    means: 'the object cannot be defined like this',
    hint: 'the message and its detail say which rule the definition breaks',
  },
  {
    code: '42P10',
    means: 'no unique index or constraint has exactly the columns that ON CONFLICT (or a foreign key) names',
    hint: 'create the unique index or constraint first, or name the columns of the one that is there',
  },
  {
    code: '42830',
    means: 'a foreign key leads to columns that no unique constraint guards, or to another number of them',
    hint: 'add PRIMARY KEY or UNIQUE to the referenced columns before it',
  },
  {
    code: '42804',
    means: 'a value, a default or a foreign key has another type than the column',
    hint: 'cast it: value::type; for ALTER COLUMN … TYPE write USING column::type, and drop the default before and set it again after',
  },
  {
    code: '42846',
    means: 'PostgreSQL has no way from the one type to the other',
    hint: 'convert in two steps, over text or through a function, in the USING part',
  },
  {
    code: '42809',
    means: 'the object of this name is of another kind: a view where a table is meant, or the other way round',
    hint: 'use the command of its kind (DROP VIEW, ALTER MATERIALIZED VIEW …), or correct the name',
  },
  {
    code: '42702',
    means: 'the name may mean several columns, or a column and a variable of the function',
    hint: "put the table's name or alias before the column; in PL/pgSQL give variables names of their own (v_id)",
  },
  {
    code: '42725',
    means: 'several functions of this name fit',
    hint: 'name the types of the arguments: name(text), or cast the arguments',
  },
  {
    code: '42803',
    means: 'a column stands beside an aggregate and is not grouped by',
    hint: 'add it to GROUP BY, or aggregate it',
  },
  {
    code: '42712',
    means: 'a table stands twice in the statement under one name',
    hint: 'give one of them an alias',
  },
  {
    code: '42P02',
    means: 'the text has a parameter ($1), and migrations have none',
    hint: 'write the value itself; in a function use its arguments',
  },
  {
    code: '42P18',
    means: 'the server cannot know the type of a value',
    hint: 'cast it: NULL::text',
  },
  {
    code: '42939',
    means: 'the name belongs to the system',
    hint: 'choose a name that does not begin with pg_',
  },
  {
    code: '42',
    means: 'the statement does not fit the language or the schema as it is at this place of the file',
    hint: 'correct it: the message says what it misses',
  },
  {
    code: '3F000',
    means: 'there is no such schema',
    hint: 'CREATE SCHEMA IF NOT EXISTS before it, or correct the name',
  },
  {
    code: '2BP01',
    means: 'something else is built on what the file drops: the detail lists it',
    hint: 'drop or change that first; DROP … CASCADE takes it along, with whatever is built on it in turn, so look at the list before you write it',
  },
  {
    code: '0A000',
    when: /alter type of a column used by/,
    means: 'a view, a rule, a trigger, a policy or a generated column uses the column whose type is to change',
    hint: 'drop what the detail names before it, and create it again after it, in the same file',
  },
  {
    code: '0A000',
    means: 'this PostgreSQL cannot do that, or not in this place',
    hint: 'write it another way; the manual of this version of the server says which forms it has',
  },
];
