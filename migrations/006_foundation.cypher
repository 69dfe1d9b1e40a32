// The knowledge graph's schema: documents, their chunks, topics, and the twenty kinds of entity that LocalRAG finds in
// Indonesian text. Everything here runs on Neo4j Community Edition 5 and later, and also on a graph that has it all.
//
// LocalRAG merges on Document.file_path, Topic.name and each entity's name: these are unique. A uniqueness constraint
// brings its own index and is refused while a range index stands on the same property; an earlier LocalRAG made such
// indexes, so each is dropped right before its constraint (two transactions: newer servers refuse both in one).
//
// Where a graph holds duplicates, the constraint is refused and names two of the nodes. This lists all of one label:
//   MATCH (n:PER) WITH n.name AS name, collect(elementId(n)) AS nodes WHERE size(nodes) > 1 RETURN name, nodes
// Merge them, then migrate again: statements that have run already do no harm a second time.

// Documents
DROP INDEX document_file_path_idx IF EXISTS;
CREATE CONSTRAINT document_file_path_unique IF NOT EXISTS FOR (n:Document) REQUIRE n.file_path IS UNIQUE;
CREATE INDEX document_created_at_idx IF NOT EXISTS FOR (n:Document) ON (n.created_at);
CREATE INDEX document_file_type_idx IF NOT EXISTS FOR (n:Document) ON (n.file_type);
CREATE INDEX document_status_idx IF NOT EXISTS FOR (n:Document) ON (n.status);
CREATE INDEX document_hash_idx IF NOT EXISTS FOR (n:Document) ON (n.content_hash);

// Chunks
CREATE INDEX chunk_doc_id_idx IF NOT EXISTS FOR (n:Chunk) ON (n.doc_id);
CREATE INDEX chunk_content_hash_idx IF NOT EXISTS FOR (n:Chunk) ON (n.content_hash);
CREATE INDEX chunk_created_at_idx IF NOT EXISTS FOR (n:Chunk) ON (n.created_at);
CREATE INDEX chunk_semantic_class_idx IF NOT EXISTS FOR (n:Chunk) ON (n.semantic_class);
CREATE INDEX chunk_name_topic_idx IF NOT EXISTS FOR (n:Chunk) ON (n.name, n.topic);
CREATE INDEX chunk_index_idx IF NOT EXISTS FOR (n:Chunk) ON (n.chunk_index);
CREATE INDEX chunk_structure_type_idx IF NOT EXISTS FOR (n:Chunk) ON (n.structure_type);

// Topics
DROP INDEX topic_name_idx IF EXISTS;
CREATE CONSTRAINT topic_name_unique IF NOT EXISTS FOR (n:Topic) REQUIRE n.name IS UNIQUE;
CREATE INDEX topic_frequency_idx IF NOT EXISTS FOR (n:Topic) ON (n.frequency);
CREATE INDEX topic_created_at_idx IF NOT EXISTS FOR (n:Topic) ON (n.created_at);

// Entities

// PER: persons
DROP INDEX per_name_idx IF EXISTS;
CREATE CONSTRAINT per_name_unique IF NOT EXISTS FOR (n:PER) REQUIRE n.name IS UNIQUE;
CREATE INDEX per_normalized_name_idx IF NOT EXISTS FOR (n:PER) ON (n.normalized_name);
CREATE INDEX per_confidence_idx IF NOT EXISTS FOR (n:PER) ON (n.confidence);
CREATE INDEX per_language_idx IF NOT EXISTS FOR (n:PER) ON (n.language);

// ORG: organizations
DROP INDEX org_name_idx IF EXISTS;
CREATE CONSTRAINT org_name_unique IF NOT EXISTS FOR (n:ORG) REQUIRE n.name IS UNIQUE;
CREATE INDEX org_normalized_name_idx IF NOT EXISTS FOR (n:ORG) ON (n.normalized_name);
CREATE INDEX org_confidence_idx IF NOT EXISTS FOR (n:ORG) ON (n.confidence);
CREATE INDEX org_language_idx IF NOT EXISTS FOR (n:ORG) ON (n.language);

// NOR: political organizations
DROP INDEX nor_name_idx IF EXISTS;
CREATE CONSTRAINT nor_name_unique IF NOT EXISTS FOR (n:NOR) REQUIRE n.name IS UNIQUE;
CREATE INDEX nor_normalized_name_idx IF NOT EXISTS FOR (n:NOR) ON (n.normalized_name);
CREATE INDEX nor_confidence_idx IF NOT EXISTS FOR (n:NOR) ON (n.confidence);
CREATE INDEX nor_language_idx IF NOT EXISTS FOR (n:NOR) ON (n.language);

// GPE: geopolitical entities
DROP INDEX gpe_name_idx IF EXISTS;
CREATE CONSTRAINT gpe_name_unique IF NOT EXISTS FOR (n:GPE) REQUIRE n.name IS UNIQUE;
CREATE INDEX gpe_normalized_name_idx IF NOT EXISTS FOR (n:GPE) ON (n.normalized_name);
CREATE INDEX gpe_confidence_idx IF NOT EXISTS FOR (n:GPE) ON (n.confidence);
CREATE INDEX gpe_language_idx IF NOT EXISTS FOR (n:GPE) ON (n.language);

// LOC: locations
DROP INDEX loc_name_idx IF EXISTS;
CREATE CONSTRAINT loc_name_unique IF NOT EXISTS FOR (n:LOC) REQUIRE n.name IS UNIQUE;
CREATE INDEX loc_normalized_name_idx IF NOT EXISTS FOR (n:LOC) ON (n.normalized_name);
CREATE INDEX loc_confidence_idx IF NOT EXISTS FOR (n:LOC) ON (n.confidence);
CREATE INDEX loc_language_idx IF NOT EXISTS FOR (n:LOC) ON (n.language);

// FAC: facilities
DROP INDEX fac_name_idx IF EXISTS;
CREATE CONSTRAINT fac_name_unique IF NOT EXISTS FOR (n:FAC) REQUIRE n.name IS UNIQUE;
CREATE INDEX fac_normalized_name_idx IF NOT EXISTS FOR (n:FAC) ON (n.normalized_name);
CREATE INDEX fac_confidence_idx IF NOT EXISTS FOR (n:FAC) ON (n.confidence);
CREATE INDEX fac_language_idx IF NOT EXISTS FOR (n:FAC) ON (n.language);

// LAW: laws
DROP INDEX law_name_idx IF EXISTS;
CREATE CONSTRAINT law_name_unique IF NOT EXISTS FOR (n:LAW) REQUIRE n.name IS UNIQUE;
CREATE INDEX law_normalized_name_idx IF NOT EXISTS FOR (n:LAW) ON (n.normalized_name);
CREATE INDEX law_confidence_idx IF NOT EXISTS FOR (n:LAW) ON (n.confidence);
CREATE INDEX law_language_idx IF NOT EXISTS FOR (n:LAW) ON (n.language);

// EVT: events
DROP INDEX evt_name_idx IF EXISTS;
CREATE CONSTRAINT evt_name_unique IF NOT EXISTS FOR (n:EVT) REQUIRE n.name IS UNIQUE;
CREATE INDEX evt_normalized_name_idx IF NOT EXISTS FOR (n:EVT) ON (n.normalized_name);
CREATE INDEX evt_confidence_idx IF NOT EXISTS FOR (n:EVT) ON (n.confidence);
CREATE INDEX evt_language_idx IF NOT EXISTS FOR (n:EVT) ON (n.language);

// DAT: dates
DROP INDEX dat_name_idx IF EXISTS;
CREATE CONSTRAINT dat_name_unique IF NOT EXISTS FOR (n:DAT) REQUIRE n.name IS UNIQUE;
CREATE INDEX dat_normalized_name_idx IF NOT EXISTS FOR (n:DAT) ON (n.normalized_name);
CREATE INDEX dat_confidence_idx IF NOT EXISTS FOR (n:DAT) ON (n.confidence);
CREATE INDEX dat_language_idx IF NOT EXISTS FOR (n:DAT) ON (n.language);

// TIM: times
DROP INDEX tim_name_idx IF EXISTS;
CREATE CONSTRAINT tim_name_unique IF NOT EXISTS FOR (n:TIM) REQUIRE n.name IS UNIQUE;
CREATE INDEX tim_normalized_name_idx IF NOT EXISTS FOR (n:TIM) ON (n.normalized_name);
CREATE INDEX tim_confidence_idx IF NOT EXISTS FOR (n:TIM) ON (n.confidence);
CREATE INDEX tim_language_idx IF NOT EXISTS FOR (n:TIM) ON (n.language);

// CRD: cardinal numbers
DROP INDEX crd_name_idx IF EXISTS;
CREATE CONSTRAINT crd_name_unique IF NOT EXISTS FOR (n:CRD) REQUIRE n.name IS UNIQUE;
CREATE INDEX crd_normalized_name_idx IF NOT EXISTS FOR (n:CRD) ON (n.normalized_name);
CREATE INDEX crd_confidence_idx IF NOT EXISTS FOR (n:CRD) ON (n.confidence);
CREATE INDEX crd_language_idx IF NOT EXISTS FOR (n:CRD) ON (n.language);

// ORD: ordinal numbers
DROP INDEX ord_name_idx IF EXISTS;
CREATE CONSTRAINT ord_name_unique IF NOT EXISTS FOR (n:ORD) REQUIRE n.name IS UNIQUE;
CREATE INDEX ord_normalized_name_idx IF NOT EXISTS FOR (n:ORD) ON (n.normalized_name);
CREATE INDEX ord_confidence_idx IF NOT EXISTS FOR (n:ORD) ON (n.confidence);
CREATE INDEX ord_language_idx IF NOT EXISTS FOR (n:ORD) ON (n.language);

// QTY: quantities
DROP INDEX qty_name_idx IF EXISTS;
CREATE CONSTRAINT qty_name_unique IF NOT EXISTS FOR (n:QTY) REQUIRE n.name IS UNIQUE;
CREATE INDEX qty_normalized_name_idx IF NOT EXISTS FOR (n:QTY) ON (n.normalized_name);
CREATE INDEX qty_confidence_idx IF NOT EXISTS FOR (n:QTY) ON (n.confidence);
CREATE INDEX qty_language_idx IF NOT EXISTS FOR (n:QTY) ON (n.language);

// PRC: percentages
DROP INDEX prc_name_idx IF EXISTS;
CREATE CONSTRAINT prc_name_unique IF NOT EXISTS FOR (n:PRC) REQUIRE n.name IS UNIQUE;
CREATE INDEX prc_normalized_name_idx IF NOT EXISTS FOR (n:PRC) ON (n.normalized_name);
CREATE INDEX prc_confidence_idx IF NOT EXISTS FOR (n:PRC) ON (n.confidence);
CREATE INDEX prc_language_idx IF NOT EXISTS FOR (n:PRC) ON (n.language);

// MON: amounts of money
DROP INDEX mon_name_idx IF EXISTS;
CREATE CONSTRAINT mon_name_unique IF NOT EXISTS FOR (n:MON) REQUIRE n.name IS UNIQUE;
CREATE INDEX mon_normalized_name_idx IF NOT EXISTS FOR (n:MON) ON (n.normalized_name);
CREATE INDEX mon_confidence_idx IF NOT EXISTS FOR (n:MON) ON (n.confidence);
CREATE INDEX mon_language_idx IF NOT EXISTS FOR (n:MON) ON (n.language);

// PRD: products
DROP INDEX prd_name_idx IF EXISTS;
CREATE CONSTRAINT prd_name_unique IF NOT EXISTS FOR (n:PRD) REQUIRE n.name IS UNIQUE;
CREATE INDEX prd_normalized_name_idx IF NOT EXISTS FOR (n:PRD) ON (n.normalized_name);
CREATE INDEX prd_confidence_idx IF NOT EXISTS FOR (n:PRD) ON (n.confidence);
CREATE INDEX prd_language_idx IF NOT EXISTS FOR (n:PRD) ON (n.language);

// REG: religions
DROP INDEX reg_name_idx IF EXISTS;
CREATE CONSTRAINT reg_name_unique IF NOT EXISTS FOR (n:REG) REQUIRE n.name IS UNIQUE;
CREATE INDEX reg_normalized_name_idx IF NOT EXISTS FOR (n:REG) ON (n.normalized_name);
CREATE INDEX reg_confidence_idx IF NOT EXISTS FOR (n:REG) ON (n.confidence);
CREATE INDEX reg_language_idx IF NOT EXISTS FOR (n:REG) ON (n.language);

// WOA: works of art
DROP INDEX woa_name_idx IF EXISTS;
CREATE CONSTRAINT woa_name_unique IF NOT EXISTS FOR (n:WOA) REQUIRE n.name IS UNIQUE;
CREATE INDEX woa_normalized_name_idx IF NOT EXISTS FOR (n:WOA) ON (n.normalized_name);
CREATE INDEX woa_confidence_idx IF NOT EXISTS FOR (n:WOA) ON (n.confidence);
CREATE INDEX woa_language_idx IF NOT EXISTS FOR (n:WOA) ON (n.language);

// LAN: languages
DROP INDEX lan_name_idx IF EXISTS;
CREATE CONSTRAINT lan_name_unique IF NOT EXISTS FOR (n:LAN) REQUIRE n.name IS UNIQUE;
CREATE INDEX lan_normalized_name_idx IF NOT EXISTS FOR (n:LAN) ON (n.normalized_name);
CREATE INDEX lan_confidence_idx IF NOT EXISTS FOR (n:LAN) ON (n.confidence);
CREATE INDEX lan_language_idx IF NOT EXISTS FOR (n:LAN) ON (n.language);

// O: everything else
DROP INDEX o_name_idx IF EXISTS;
CREATE CONSTRAINT o_name_unique IF NOT EXISTS FOR (n:O) REQUIRE n.name IS UNIQUE;
CREATE INDEX o_normalized_name_idx IF NOT EXISTS FOR (n:O) ON (n.normalized_name);
CREATE INDEX o_confidence_idx IF NOT EXISTS FOR (n:O) ON (n.confidence);
CREATE INDEX o_language_idx IF NOT EXISTS FOR (n:O) ON (n.language);

// Full-text search, with the analyzer that the server is configured for
CREATE FULLTEXT INDEX indonesian_chunk_fulltext IF NOT EXISTS FOR (n:Chunk) ON EACH [n.name, n.summary, n.content];
CREATE FULLTEXT INDEX indonesian_per_fulltext IF NOT EXISTS FOR (n:PER) ON EACH [n.name, n.normalized_name];
CREATE FULLTEXT INDEX indonesian_org_fulltext IF NOT EXISTS FOR (n:ORG) ON EACH [n.name, n.normalized_name];
CREATE FULLTEXT INDEX indonesian_nor_fulltext IF NOT EXISTS FOR (n:NOR) ON EACH [n.name, n.normalized_name];
CREATE FULLTEXT INDEX indonesian_gpe_fulltext IF NOT EXISTS FOR (n:GPE) ON EACH [n.name, n.normalized_name];
CREATE FULLTEXT INDEX indonesian_loc_fulltext IF NOT EXISTS FOR (n:LOC) ON EACH [n.name, n.normalized_name];
CREATE FULLTEXT INDEX indonesian_fac_fulltext IF NOT EXISTS FOR (n:FAC) ON EACH [n.name, n.normalized_name];
CREATE FULLTEXT INDEX indonesian_law_fulltext IF NOT EXISTS FOR (n:LAW) ON EACH [n.name, n.normalized_name];
CREATE FULLTEXT INDEX indonesian_evt_fulltext IF NOT EXISTS FOR (n:EVT) ON EACH [n.name, n.normalized_name];
CREATE FULLTEXT INDEX indonesian_prd_fulltext IF NOT EXISTS FOR (n:PRD) ON EACH [n.name, n.normalized_name];
CREATE FULLTEXT INDEX indonesian_woa_fulltext IF NOT EXISTS FOR (n:WOA) ON EACH [n.name, n.normalized_name];
CREATE FULLTEXT INDEX document_fulltext IF NOT EXISTS FOR (n:Document) ON EACH [n.file_name, n.title];
CREATE FULLTEXT INDEX topic_fulltext IF NOT EXISTS FOR (n:Topic) ON EACH [n.name];

// Relationships: a chunk mentions an entity, an entity is about a topic
CREATE INDEX chunk_entity_relationship_idx IF NOT EXISTS FOR ()-[r:MENTIONS]-() ON (r.confidence);
CREATE INDEX entity_topic_relationship_idx IF NOT EXISTS FOR ()-[r:ABOUT]-() ON (r.relevance);

// Rollback:
// // Nodes and relationships stay; an earlier LocalRAG's range indexes in place of the constraints do not come back.
// DROP INDEX entity_topic_relationship_idx IF EXISTS;
// DROP INDEX chunk_entity_relationship_idx IF EXISTS;
// DROP INDEX topic_fulltext IF EXISTS;
// DROP INDEX document_fulltext IF EXISTS;
// DROP INDEX indonesian_woa_fulltext IF EXISTS;
// DROP INDEX indonesian_prd_fulltext IF EXISTS;
// DROP INDEX indonesian_evt_fulltext IF EXISTS;
// DROP INDEX indonesian_law_fulltext IF EXISTS;
// DROP INDEX indonesian_fac_fulltext IF EXISTS;
// DROP INDEX indonesian_loc_fulltext IF EXISTS;
// DROP INDEX indonesian_gpe_fulltext IF EXISTS;
// DROP INDEX indonesian_nor_fulltext IF EXISTS;
// DROP INDEX indonesian_org_fulltext IF EXISTS;
// DROP INDEX indonesian_per_fulltext IF EXISTS;
// DROP INDEX indonesian_chunk_fulltext IF EXISTS;
// DROP INDEX o_language_idx IF EXISTS;
// DROP INDEX o_confidence_idx IF EXISTS;
// DROP INDEX o_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT o_name_unique IF EXISTS;
// DROP INDEX lan_language_idx IF EXISTS;
// DROP INDEX lan_confidence_idx IF EXISTS;
// DROP INDEX lan_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT lan_name_unique IF EXISTS;
// DROP INDEX woa_language_idx IF EXISTS;
// DROP INDEX woa_confidence_idx IF EXISTS;
// DROP INDEX woa_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT woa_name_unique IF EXISTS;
// DROP INDEX reg_language_idx IF EXISTS;
// DROP INDEX reg_confidence_idx IF EXISTS;
// DROP INDEX reg_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT reg_name_unique IF EXISTS;
// DROP INDEX prd_language_idx IF EXISTS;
// DROP INDEX prd_confidence_idx IF EXISTS;
// DROP INDEX prd_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT prd_name_unique IF EXISTS;
// DROP INDEX mon_language_idx IF EXISTS;
// DROP INDEX mon_confidence_idx IF EXISTS;
// DROP INDEX mon_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT mon_name_unique IF EXISTS;
// DROP INDEX prc_language_idx IF EXISTS;
// DROP INDEX prc_confidence_idx IF EXISTS;
// DROP INDEX prc_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT prc_name_unique IF EXISTS;
// DROP INDEX qty_language_idx IF EXISTS;
// DROP INDEX qty_confidence_idx IF EXISTS;
// DROP INDEX qty_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT qty_name_unique IF EXISTS;
// DROP INDEX ord_language_idx IF EXISTS;
// DROP INDEX ord_confidence_idx IF EXISTS;
// DROP INDEX ord_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT ord_name_unique IF EXISTS;
// DROP INDEX crd_language_idx IF EXISTS;
// DROP INDEX crd_confidence_idx IF EXISTS;
// DROP INDEX crd_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT crd_name_unique IF EXISTS;
// DROP INDEX tim_language_idx IF EXISTS;
// DROP INDEX tim_confidence_idx IF EXISTS;
// DROP INDEX tim_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT tim_name_unique IF EXISTS;
// DROP INDEX dat_language_idx IF EXISTS;
// DROP INDEX dat_confidence_idx IF EXISTS;
// DROP INDEX dat_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT dat_name_unique IF EXISTS;
// DROP INDEX evt_language_idx IF EXISTS;
// DROP INDEX evt_confidence_idx IF EXISTS;
// DROP INDEX evt_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT evt_name_unique IF EXISTS;
// DROP INDEX law_language_idx IF EXISTS;
// DROP INDEX law_confidence_idx IF EXISTS;
// DROP INDEX law_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT law_name_unique IF EXISTS;
// DROP INDEX fac_language_idx IF EXISTS;
// DROP INDEX fac_confidence_idx IF EXISTS;
// DROP INDEX fac_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT fac_name_unique IF EXISTS;
// DROP INDEX loc_language_idx IF EXISTS;
// DROP INDEX loc_confidence_idx IF EXISTS;
// DROP INDEX loc_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT loc_name_unique IF EXISTS;
// DROP INDEX gpe_language_idx IF EXISTS;
// DROP INDEX gpe_confidence_idx IF EXISTS;
// DROP INDEX gpe_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT gpe_name_unique IF EXISTS;
// DROP INDEX nor_language_idx IF EXISTS;
// DROP INDEX nor_confidence_idx IF EXISTS;
// DROP INDEX nor_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT nor_name_unique IF EXISTS;
// DROP INDEX org_language_idx IF EXISTS;
// DROP INDEX org_confidence_idx IF EXISTS;
// DROP INDEX org_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT org_name_unique IF EXISTS;
// DROP INDEX per_language_idx IF EXISTS;
// DROP INDEX per_confidence_idx IF EXISTS;
// DROP INDEX per_normalized_name_idx IF EXISTS;
// DROP CONSTRAINT per_name_unique IF EXISTS;
// DROP INDEX topic_created_at_idx IF EXISTS;
// DROP INDEX topic_frequency_idx IF EXISTS;
// DROP CONSTRAINT topic_name_unique IF EXISTS;
// DROP INDEX chunk_structure_type_idx IF EXISTS;
// DROP INDEX chunk_index_idx IF EXISTS;
// DROP INDEX chunk_name_topic_idx IF EXISTS;
// DROP INDEX chunk_semantic_class_idx IF EXISTS;
// DROP INDEX chunk_created_at_idx IF EXISTS;
// DROP INDEX chunk_content_hash_idx IF EXISTS;
// DROP INDEX chunk_doc_id_idx IF EXISTS;
// DROP INDEX document_hash_idx IF EXISTS;
// DROP INDEX document_status_idx IF EXISTS;
// DROP INDEX document_file_type_idx IF EXISTS;
// DROP INDEX document_created_at_idx IF EXISTS;
// DROP CONSTRAINT document_file_path_unique IF EXISTS;
