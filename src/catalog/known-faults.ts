import type { Catalog } from './model.ts';

/** A version of an extension that should not stay. */
export interface KnownFault {
  readonly extension: string;
  readonly version: string;
  readonly says: string;
  readonly mend: string;
}

/** Of pgvector's changes those that matter to what LocalRAG uses, HNSW indexes. `below` is the version that mended it. */
const FAULTS = [
  {
    extension: 'vector',
    from: '0.6.0',
    below: '0.8.2',
    says: 'a parallel build of an HNSW index writes beyond a buffer: the server may crash or show data of other tables (CVE-2026-3172)',
  },
  {
    extension: 'vector',
    from: '0.5.0',
    below: '0.8.3',
    says: 'VACUUM may damage an HNSW index: REINDEX it after the update',
  },
] as const;

/** Extensions whose version is known for a fault: worth a warning, as the server goes on working. */
export function knownFaults({ objects }: Catalog): readonly KnownFault[] {
  return objects.flatMap((object) => {
    if (object.kind !== 'extension' || object.version === undefined) return [];
    const { name, version } = object;
    return FAULTS.filter(
      ({ extension, from, below }) => extension === name && !isBelow(version, from) && isBelow(version, below),
    ).map(({ below, says }) => ({
      extension: name,
      version,
      says: `before ${below} ${says}`,
      mend: `ALTER EXTENSION ${name} UPDATE`,
    }));
  });
}

function isBelow(version: string, limit: string): boolean {
  const [ours, theirs] = [version, limit].map((each) => each.split('.').map(Number)) as [number[], number[]];
  const at = theirs.findIndex((part, index) => (ours[index] ?? 0) !== part);
  return at !== -1 && (ours[at] ?? 0) < (theirs[at] ?? 0);
}
