import type { Migration } from '../../core/migration.ts';
import { SourceLines } from '../../core/source.ts';
import { allowFindings } from './allow.ts';
import type { Finding } from './finding.ts';
import { type Judgement, judge, type SetOf } from './judge.ts';

/**
 * What rules find in the pending files, by file and place. These are taken for one set: what one of them makes is empty, and
 * unused, for the others. `files` are all of them in order, since the earlier ones tell what stands there already.
 *
 * @param pending names of files; all, where it is left out
 */
export function lint(files: readonly Migration[], pending?: ReadonlySet<string>): Promise<readonly Finding[]> {
  return lintSets(files, (file) => (pending === undefined || pending.has(file) ? 'pending' : undefined));
}

/** The same, where files are taken together in several sets, one after the other. */
export async function lintSets(files: readonly Migration[], setOf: SetOf): Promise<readonly Finding[]> {
  const names = new Set(files.map(({ name }) => name));
  const judged = files.filter(({ name }) => setOf(name) !== undefined);
  // Whether an exception is needed must not depend on what happens to be pending: each file for itself is the strictest view.
  const hasExceptions = judged.some(({ directives }) => directives.allow.size > 0);
  const asAsked: SetOf = (file) => (names.has(file) ? setOf(file) : undefined);
  const eachAlone: SetOf = (file) => (names.has(file) ? file : undefined);
  const [found = [], strict = []] = await judge(files, hasExceptions ? [asAsked, eachAlone] : [asAsked]);
  const foundIn = Map.groupBy(found, ({ file }) => file);
  const strictIn = Map.groupBy(strict, ({ file }) => file);
  return judged.flatMap((file) => {
    const inFile = foundIn.get(file.name) ?? [];
    const own = inFile.filter(({ rule }) => !file.directives.allow.has(rule.id));
    const about = allowFindings(file, [...(strictIn.get(file.name) ?? []), ...inFile]);
    const lines = new SourceLines(file.text);
    return [...own, ...about].toSorted((a, b) => a.offset - b.offset).map((each) => toFinding(file.name, lines, each));
  });
}

function toFinding(file: string, lines: SourceLines, { rule, offset, message }: Omit<Judgement, 'file'>): Finding {
  return {
    rule: rule.id,
    level: rule.level,
    message,
    why: rule.why,
    remedy: rule.remedy,
    place: { file, ...lines.locate(offset) },
    excerpt: lines.excerpt(offset),
  };
}
