import assert from 'node:assert/strict';
import { read } from '../../docs/documents.ts';
import { patternOf } from '../../docs/followed.ts';
import type { Kubectl } from '../kubectl.ts';
import type { DocumentedDatabases } from './databases.ts';
import { type Part, type Step, stepsOf } from './steps.ts';
import { Workspace } from './workspace.ts';

/** The namespace of every page. */
export const NAMESPACE = 'rag';

export interface Page extends Part {
  readonly path: string;
  /** What the page finds. */
  readonly before?: (databases: DocumentedDatabases) => Promise<void>;
  /** What its reader has at the end. */
  readonly after?: (databases: DocumentedDatabases) => Promise<void>;
}

export function titleOf({ path, headings = [] }: Page): string {
  return [`follow ${path}`, ...headings].join(', ');
}

export interface Reader {
  readonly kubectl: Kubectl;
  readonly databases: DocumentedDatabases;
  readonly image: string;
}

/** @throws {AssertionError} with the place of the first step that does not do what the page says */
export async function follow(page: Page, { kubectl, databases, image }: Reader): Promise<void> {
  const steps = stepsOf(read(page.path), page);
  assert.ok(steps.length > 0, `${page.path} has something to follow`);
  await databases.renew();
  await page.before?.(databases);
  const workspace = await Workspace.open({
    ...{ kubectl, image, helm: '4' },
    files: { 'ca.crt': databases.authority },
    env: { POSTGRES_PASSWORD: databases.postgresPassword, NEO4J_PASSWORD: databases.neo4jPassword },
  });
  try {
    for (const step of steps) await take(step, page.path, workspace);
  } finally {
    await workspace.close();
  }
  await page.after?.(databases);
}

async function take(step: Step, path: string, workspace: Workspace): Promise<void> {
  if (step.kind === 'file') return workspace.write(step.name, step.text);
  const { code, stdout } = await workspace.shell(step.script);
  const place = `${path}:${step.line}: ${step.script.trim()}`;
  assert.equal(code, 0, `${place}: exit ${code}: ${stdout}`);
  if (step.prints !== undefined) assert.match(stdout, patternOf(step.prints), `${place}: prints ${stdout}`);
}
