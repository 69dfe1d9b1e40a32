import type { ErrorKind, Problem } from '../errors.ts';
import type { Entry, History } from './history.ts';
import { isAtomic, type Migration } from './migration.ts';
import { missingObjects } from './missing.ts';
import { stepsChecksum } from './steps.ts';

/** A migration that is to be run, and the number (from 0) of the step to begin with. */
export interface Pending {
  readonly migration: Migration;
  readonly from: number;
}

interface PlanProblem extends Problem {
  readonly kind: Extract<ErrorKind, 'source' | 'unfinished'>;
}

export interface Plan {
  /** In the order in which they are applied: by version, over both databases. */
  readonly pending: readonly Pending[];
  /** Entries of a newer image than this one: a rollback to an older image finds them. */
  readonly ahead: readonly Entry[];
  /** Anything here forbids applying. */
  readonly problems: readonly PlanProblem[];
}

export interface PlanOptions {
  /** Leave out what has a higher version. */
  readonly to?: number | undefined;
  readonly allowOutOfOrder?: boolean | undefined;
}

/** files × histories → what is pending, and what is wrong. Only the databases whose history is given are planned for. */
export function makePlan(files: readonly Migration[], histories: readonly History[], options: PlanOptions = {}): Plan {
  const newestFile = files.reduce((newest, file) => Math.max(newest, file.version), 0);
  const pending: Pending[] = [];
  const ahead: Entry[] = [];
  const problems: PlanProblem[] = [];

  for (const history of histories) {
    if (history.damage !== undefined) {
      problems.push({ kind: 'source', ...history.damage });
      continue;
    }
    const own = files.filter((file) => file.database === history.database);
    const missing = missingObjects(history, own);
    if (missing !== undefined) problems.push({ kind: 'source', ...missing });
    const entries = new Map(history.entries.map((entry) => [entry.name, entry]));
    const byVersion = new Map(files.map((file) => [file.version, file]));

    for (const entry of history.entries) {
      if (own.some((file) => file.name === entry.name)) continue;
      // An earlier tool's file without a number says nothing about ours.
      if (entry.version === undefined) continue;
      const twin = byVersion.get(entry.version);
      if (twin !== undefined) problems.push(twoWithOneNumber(entry, twin));
      else if (entry.version <= newestFile) problems.push(missingFile(entry));
      else if (entry.breaking) problems.push(breaksThisImage(entry));
      else ahead.push(entry);
    }

    const newestApplied = history.entries.reduce((newest, entry) => Math.max(newest, entry.version ?? 0), 0);
    for (const migration of own) {
      const entry = entries.get(migration.name);
      if (entry !== undefined && entry.state !== 'started') {
        if (entry.checksum !== undefined && entry.checksum !== migration.checksum)
          problems.push(changed(entry, migration));
        continue;
      }
      if (options.to !== undefined && migration.version > options.to) continue;
      if (entry !== undefined) {
        const problem = whyNotResumed(entry, migration);
        if (problem !== undefined) problems.push(problem);
        else pending.push({ migration, from: entry.stepsDone ?? 0 });
        continue;
      }
      // Its number stands in the history under another name: that has been told.
      if (history.entries.some((other) => other.version === migration.version)) continue;
      if (migration.version < newestApplied && !options.allowOutOfOrder)
        problems.push(outOfOrder(migration, newestApplied));
      else pending.push({ migration, from: 0 });
    }
  }
  pending.sort((a, b) => a.migration.version - b.migration.version);
  return { pending, ahead, problems };
}

/** A migration that was begun goes on at its first step not done, unless that could do a step's work twice. */
function whyNotResumed(entry: Entry, migration: Migration): PlanProblem | undefined {
  const done = entry.stepsDone ?? 0;
  const ways = `repair --mark-applied ${migration.version} if its work is all there, repair --resume ${migration.version} to run the step (again), repair --forget ${migration.version} to run the file from its beginning`;
  if (done > migration.steps.length || (done > 0 && stepsChecksum(migration, done) !== entry.stepsChecksum)) {
    return {
      kind: 'unfinished',
      message: `${entry.name} stopped after ${done} of ${entry.stepsTotal} steps, and those steps have changed in the file since`,
      hint: `put the first ${done} steps back as they were, or look at what is there and decide: ${ways}`,
      place: { file: entry.name },
    };
  }
  const begun = entry.stepBegun === undefined ? undefined : migration.steps[entry.stepBegun];
  if (begun !== undefined && !isAtomic(begun) && !begun.replayable) {
    return {
      kind: 'unfinished',
      message: `${entry.name} stopped inside step ${(entry.stepBegun ?? 0) + 1} of ${migration.steps.length}, which may be half-done and is not replayable`,
      hint: `look at what the step has left behind, then: ${ways}`,
      place: { file: entry.name },
      excerpt: statementText(migration, entry.stepBegun ?? 0),
    };
  }
  return undefined;
}

/** The statements of a step as they stand in the file, at most 400 characters of them. */
function statementText(migration: Migration, step: number): string {
  const statements = migration.steps[step]?.statements ?? [];
  const text = statements.map((span) => migration.text.slice(span.start, span.end)).join(';\n');
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

function twoWithOneNumber(entry: Entry, file: Migration): PlanProblem {
  return {
    kind: 'source',
    message: `number ${entry.version} is taken twice: the ${entry.database} history has ${entry.name}, the directory ${file.name}`,
    hint: `give the file that was never applied the next free number (a renamed file counts as another one; if ${file.name} is the same work, repair --forget ${entry.version}, then repair --mark-applied ${file.version})`,
    place: { file: file.name },
  };
}

function missingFile(entry: Entry): PlanProblem {
  return {
    kind: 'source',
    message: `${entry.name} stands in the ${entry.database} history, but its file is missing from the directory`,
    hint: `bring the file back; if it is gone for good, repair --forget ${entry.version}`,
    place: { file: entry.name },
  };
}

function breaksThisImage(entry: Entry): PlanProblem {
  return {
    kind: 'source',
    message: `the ${entry.database} history has ${entry.name}, which is newer than this image and marked breaking: this version cannot work with that schema`,
    hint: 'use an image that contains it, or restore the databases as they were before it',
    place: { file: entry.name },
  };
}

function changed(entry: Entry, file: Migration): PlanProblem {
  return {
    kind: 'source',
    message: `${file.name} has changed since it was applied: recorded ${entry.checksum}, the file ${file.checksum}`,
    hint: `put the file back as it was and write the change as a new migration; if both mean the same, repair --rechecksum ${file.version}`,
    place: { file: file.name },
  };
}

function outOfOrder(file: Migration, newestApplied: number): PlanProblem {
  return {
    kind: 'source',
    message: `${file.name} is pending below ${String(newestApplied).padStart(3, '0')}, the newest applied to ${file.database}`,
    hint: 'give it the next free number, or run migrate --allow-out-of-order if it does not depend on the order',
    place: { file: file.name },
  };
}
