import type { Objects } from './catalog.ts';

/** The graph's schema that LocalRAG counts on, as Neo4j describes it: a contract, never derived from the migration. */

const ENTITIES = 'PER ORG NOR GPE LOC FAC LAW EVT DAT TIM CRD ORD QTY PRC MON PRD REG WOA LAN O'.split(' ');

/** Constraint → label and property; each brings an index of the same name. */
const UNIQUE: Objects = {
  document_file_path_unique: 'Document(file_path)',
  topic_name_unique: 'Topic(name)',
  ...Object.fromEntries(ENTITIES.map((label) => [`${label.toLowerCase()}_name_unique`, `${label}(name)`])),
};

const RANGE: Objects = {
  document_created_at_idx: 'Document(created_at)',
  document_file_type_idx: 'Document(file_type)',
  document_status_idx: 'Document(status)',
  document_hash_idx: 'Document(content_hash)',
  chunk_doc_id_idx: 'Chunk(doc_id)',
  chunk_content_hash_idx: 'Chunk(content_hash)',
  chunk_created_at_idx: 'Chunk(created_at)',
  chunk_semantic_class_idx: 'Chunk(semantic_class)',
  chunk_name_topic_idx: 'Chunk(name, topic)',
  chunk_index_idx: 'Chunk(chunk_index)',
  chunk_structure_type_idx: 'Chunk(structure_type)',
  topic_frequency_idx: 'Topic(frequency)',
  topic_created_at_idx: 'Topic(created_at)',
  ...Object.fromEntries(
    ENTITIES.flatMap((label) =>
      ['normalized_name', 'confidence', 'language'].map((property) => [
        `${label.toLowerCase()}_${property}_idx`,
        `${label}(${property})`,
      ]),
    ),
  ),
};

const FULLTEXT: Objects = {
  indonesian_chunk_fulltext: 'Chunk(name, summary, content)',
  indonesian_per_fulltext: 'PER(name, normalized_name)',
  indonesian_org_fulltext: 'ORG(name, normalized_name)',
  indonesian_nor_fulltext: 'NOR(name, normalized_name)',
  indonesian_gpe_fulltext: 'GPE(name, normalized_name)',
  indonesian_loc_fulltext: 'LOC(name, normalized_name)',
  indonesian_fac_fulltext: 'FAC(name, normalized_name)',
  indonesian_law_fulltext: 'LAW(name, normalized_name)',
  indonesian_evt_fulltext: 'EVT(name, normalized_name)',
  indonesian_prd_fulltext: 'PRD(name, normalized_name)',
  indonesian_woa_fulltext: 'WOA(name, normalized_name)',
  document_fulltext: 'Document(file_name, title)',
  topic_fulltext: 'Topic(name)',
};

const RELATIONSHIP: Objects = {
  chunk_entity_relationship_idx: 'MENTIONS(confidence)',
  entity_topic_relationship_idx: 'ABOUT(relevance)',
};

export const EXPECTED_GRAPH: Objects = Object.fromEntries([
  ...Object.entries(UNIQUE).flatMap(([name, on]) => [
    [`constraint ${name}`, `UNIQUENESS ${on}`],
    [`index ${name}`, `RANGE NODE ${on} ONLINE of ${name}`],
  ]),
  ...Object.entries(RANGE).map(([name, on]) => [`index ${name}`, `RANGE NODE ${on} ONLINE`]),
  ...Object.entries(FULLTEXT).map(([name, on]) => [`index ${name}`, `FULLTEXT NODE ${on} ONLINE`]),
  ...Object.entries(RELATIONSHIP).map(([name, on]) => [`index ${name}`, `RANGE RELATIONSHIP ${on} ONLINE`]),
]);
