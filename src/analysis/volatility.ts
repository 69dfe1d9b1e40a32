/**
 * Functions of PostgreSQL that give every row of one statement the same value, so that a column's default does not have to be
 * written into each row. None of them has a volatile variant in pg_proc, which test/plan/catalog-facts.test.ts holds against a
 * real server.
 */
export const CALLED_ONCE: ReadonlySet<string> = new Set(
  `now transaction_timestamp statement_timestamp current_setting current_schema current_database version timezone date_trunc date_part
  extract date_bin make_interval make_date make_time make_timestamp make_timestamptz to_timestamp to_date to_char to_number age
  justify_days justify_hours justify_interval lower upper initcap md5 sha224 sha256 sha384 sha512 concat concat_ws format length
  char_length octet_length replace translate btrim ltrim rtrim lpad rpad substring substr left right repeat reverse split_part
  regexp_replace string_to_array array_to_string array_length cardinality array_fill array_append array_cat array_position
  json_build_object json_build_array jsonb_build_object jsonb_build_array json_object jsonb_object jsonb_set to_json to_jsonb
  row_to_json array_to_json to_tsvector abs round ceil ceiling floor sign sqrt power mod trunc div encode decode
  convert_to convert_from int4range int8range numrange daterange tsrange tstzrange point box circle txid_current_if_assigned`.split(
    /\s+/,
  ),
);

/** Whether a function may give each row another value: also one that nothing is known of, such as one of another schema. */
export function mayBeVolatile(words: readonly string[]): boolean {
  const [schema, name] = words.length > 1 ? words.slice(-2) : [undefined, words[0]];
  return (schema !== undefined && schema !== 'pg_catalog') || !CALLED_ONCE.has(name ?? '');
}
