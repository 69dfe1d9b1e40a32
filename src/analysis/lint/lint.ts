import type { Migration } from '../../core/migration.ts';
import { excerpt, locate } from '../../core/source.ts';
import { allowFindings } from './allow.ts';
import type { Finding } from './finding.ts';
import { type Judgement, judge, readScripts, type SetOf } from './judge.ts';

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
  const scripts = await readScripts(files);
  const names = new Set(files.map(({ name }) => name));
  const found = judge(scripts, (file) => (names.has(file) ? setOf(file) : undefined));
  const judged = files.filter(({ name }) => setOf(name) !== undefined);
  // Whether an exception is needed must not depend on what happens to be pending: each file for itself is the strictest view.
  const hasExceptions = judged.some(({ directives }) => directives.allow.size > 0);
  const strict = hasExceptions ? judge(scripts, (file) => (names.has(file) ? file : undefined)) : found;
  return judged.flatMap((file) => {
    const own = found.filter((each) => each.file === file.name && !file.directives.allow.has(each.rule.id));
    const about = allowFindings(
      file,
      [...strict, ...found].filter((each) => each.file === file.name),
    );
    return [...own, ...about].toSorted((a, b) => a.offset - b.offset).map((each) => toFinding(file, each));
  });
}

function toFinding({ name, text }: Migration, { rule, offset, message }: Omit<Judgement, 'file'>): Finding {
  return {
    rule: rule.id,
    level: rule.level,
    message,
    why: rule.why,
    remedy: rule.remedy,
    place: { file: name, ...locate(text, offset) },
    excerpt: excerpt(text, offset),
  };
}
