import { compare, type Difference } from '../../catalog/compare.ts';
import { embeddings } from '../../catalog/dimensions.ts';
import { type Finding, findingsOf, sentence } from '../../catalog/findings.ts';
import { knownFaults } from '../../catalog/known-faults.ts';
import { type Catalog, keyOf } from '../../catalog/model.ts';
import { expectedObjects, knownObjects, type Reference, whyNotComparable } from '../../catalog/reference.ts';
import type { History } from '../../core/history.ts';
import type { Database } from '../../core/migration.ts';
import { makePlan } from '../../core/plan.ts';
import { loadReference } from '../../files/reference.ts';
import type { ReadContext, Report } from '../context.ts';
import { readyHistories } from '../histories.ts';
import { reapplicable } from '../reapply.ts';
import { verificationText } from './verification-text.ts';

/** What verify has found, in both databases. */
export interface Verification {
  readonly findings: readonly Finding[];
  readonly differences: readonly Difference[];
  /** Worth knowing, and no reason to fail. */
  readonly notes: readonly string[];
  /** Whether a database was compared with what the files make, and where not, why. */
  readonly reference: readonly { readonly database: Database; readonly compared: boolean; readonly reason?: string }[];
  /** Migrations that were never run here, and whose second run would mend what they lack. */
  readonly reapply: readonly { readonly database: Database; readonly version: number; readonly name: string }[];
}

/** Compares the live schema with the one that the applied migrations make; and what is to be looked at after a migration anyway. */
export async function verify(context: ReadContext): Promise<Report> {
  const { files, engines, signal } = context;
  const histories = await readyHistories(context);
  const reference = loadReference(context.config.migrationsDir);
  const catalogs = await Promise.all(engines.map((engine) => engine.catalog(signal)));
  const looked = catalogs.map((catalog, index) => look(context, histories[index], catalog, reference));
  const verification: Verification = {
    findings: [...looked.flatMap(({ findings }) => findings), historyFinding(files, histories)],
    differences: looked.flatMap(({ differences }) => differences),
    notes: looked.flatMap(({ notes }) => notes),
    reference: looked.map(({ reference }) => reference),
    reapply: looked.flatMap(({ reapply }) => reapply),
  };
  const problems = verification.findings.flatMap(({ check, ok, detail }) =>
    ok ? [] : [{ message: `${check}: ${detail.join('; ')}` }],
  );
  const ok = problems.length === 0;
  return { kind: ok ? 'ok' : 'pending', text: verificationText(verification), data: { ok, ...verification }, problems };
}

function look({ files }: ReadContext, history: History | undefined, catalog: Catalog, reference: Reference | string) {
  const { database } = catalog;
  const reason = typeof reference === 'string' ? reference : history && whyNotComparable(reference, files, history);
  const known = typeof reference !== 'string' && reason === undefined ? reference : undefined;
  const expected = known && history ? expectedObjects(known, history) : [];
  const differences = compare(
    catalog,
    expected,
    known ? knownObjects(known, database) : new Set(catalog.objects.map(keyOf)),
  );
  const vectors = embeddings(catalog, expected);
  const wrong = vectors.filter(({ ok }) => !ok);
  return {
    differences,
    findings: [
      ...findingsOf(catalog, differences),
      ...(wrong.length === 0
        ? []
        : [{ check: 'embeddings', ok: false, detail: wrong.map(({ column, says }) => `${column} ${says}`) }]),
    ],
    notes: [
      ...(reason === undefined ? [] : [`${database} is not compared with what the files make: ${reason}`]),
      ...vectors.filter(({ ok }) => ok).map(({ column, says }) => `${column} ${says}`),
      ...knownFaults(catalog).map(({ extension, version, says, mend }) => `${extension} ${version}: ${says}. ${mend}`),
      ...differences.filter(({ told }) => told).map((difference) => `${difference.kind} ${sentence(difference)}`),
    ],
    reference: { database, compared: reason === undefined, ...(reason === undefined ? {} : { reason }) },
    reapply: history === undefined ? [] : reapplicable(files, history, differences, known),
  };
}

function historyFinding(files: ReadContext['files'], histories: readonly History[]): Finding {
  // Of what is missing there is more to say than that the history claims it.
  const plan = makePlan(
    files,
    histories.map((history) => ({ ...history, missing: [] })),
  );
  const wrong = [
    ...plan.pending.map(({ migration }) => `${migration.name} is pending`),
    ...plan.problems.map(({ message }) => message),
  ];
  const applied = histories.flatMap(({ entries }) => entries.map((entry) => `${entry.name} (${entry.state})`));
  return { check: 'history', ok: wrong.length === 0, detail: wrong.length === 0 ? applied : wrong };
}
