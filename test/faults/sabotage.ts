import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Servers } from './arena.ts';
import type { SetName } from './files.ts';
import { learn, play, type Reference } from './play.ts';
import type { Fault, Learned } from './points.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A change of the source that breaks the promise, and the point that shows it. */
export interface Sabotage {
  readonly breaks: string;
  /** By file under src/: what stands there, once → what takes its place. */
  readonly changes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly set: SetName;
  readonly fault: Fault;
  /** The message to play it at, among those of a clean run. */
  readonly at: (messages: readonly Learned[]) => Learned | undefined;
  /** What one of the problems has to begin with. */
  readonly noticed: string;
}

/** The history row at the end of a file's transaction, and of a step's. */
const FILE = '...RESET, ...settings, ...this.#recording(record)];';
const FILE_ALONE = "...RESET, ...settings, 'COMMIT'];";
const STEP_END = '...this.#tools.shield, ...this.#recording(record)];\n    return framed(this.#migration, span,';
const STEP_END_ALONE = "...this.#tools.shield, 'COMMIT'];\n    return framed(this.#migration, span,";
const RUN = 'if (isWhole(this.migration)) await this.#retrying(() => this.#answered(this.#whole()));';
const RUN_FILE = 'await this.#retrying(() => this.#answered(this.#whole()));';
// Sent ahead, one of them would be found out by the next.
const IN_TURN = { 'this.#ahead ??= this.#send(this.#whole());': '' };
const STEP = 'await this.#retrying(() => this.#answered(this.#frames.step(span, done)));';
const STEP_ALONE = 'await this.#alone(done);';
const ALONE = 'await this.#alone(table.recordApplied(this.migration));';
const APPLY = 'engine/postgres/apply.ts';
const APART = { 'engine/postgres/frame.ts': { [FILE]: FILE_ALONE, [STEP_END]: STEP_END_ALONE } };

const sqlOf = (name: string) => (messages: readonly Learned[]) =>
  messages.find(({ kind }) => kind.startsWith('Query BEGIN') && kind.includes(name));

export const SABOTAGES: readonly Sabotage[] = [
  {
    breaks: 'the history row comes in a transaction of its own after the work',
    changes: {
      ...APART,
      [APPLY]: {
        ...IN_TURN,
        [RUN]: `if (isWhole(this.migration)) { ${RUN_FILE} ${ALONE} }`,
        [STEP]: `${STEP} ${STEP_ALONE}`,
      },
    },
    set: 'both',
    fault: 'swallow',
    at: sqlOf('011_last'),
    noticed: 'doubled',
  },
  {
    breaks: 'the history row comes in a transaction of its own before the work',
    changes: {
      ...APART,
      [APPLY]: {
        ...IN_TURN,
        [RUN]: `if (isWhole(this.migration)) { ${ALONE} ${RUN_FILE} }`,
        [STEP]: `${STEP_ALONE} ${STEP}`,
      },
    },
    set: 'both',
    fault: 'cut',
    at: sqlOf('011_last'),
    noticed: 'lost',
  },
  {
    breaks: 'a file that is sent before the one ahead of it is answered does not ask what became of that',
    changes: { 'engine/postgres/frame.ts': { '[table.mustHold(after)]': '["SELECT"]' } },
    set: 'both',
    // It leaves no transaction behind that could refuse what follows.
    fault: 'disk',
    at: sqlOf('010_column'),
    noticed: 'exit code',
  },
  {
    breaks: 'what a file leaves in the session is there for the next one',
    changes: { 'engine/postgres/session-state.ts': { "  'DISCARD TEMP',\n": '' } },
    set: 'both',
    fault: 'stop',
    at: sqlOf('011_last'),
    noticed: 'lost',
  },
  {
    breaks: 'a file that is gone on with does not have the settings of the steps before it',
    changes: { [APPLY]: { 'for (const step of steps.slice(0, from)) await this.#restoreSetting(step);': '' } },
    set: 'both',
    fault: 'cut',
    at: (messages) => messages.find(({ kind }) => kind.startsWith('Query VACUUM')),
    noticed: 'schema',
  },
  {
    breaks: 'a run whose lease was taken over may commit all the same',
    changes: {
      'engine/neo4j/lease.ts': {
        'if (rows.length === 0) throw this.#superseded();': 'if (rows.length === 0) return;',
        // A renewal that comes between thawing and COMMIT finds out as well.
        'if (await this.#isTaken()) this.#lost.abort(this.#superseded());\n      else this.#heard(asked);':
          'this.#heard(asked);',
      },
    },
    set: 'graph',
    fault: 'freeze',
    // Between the step before it and its transaction.
    at: (messages) => {
      const work = messages.findIndex(({ kind }) => kind.startsWith("RUN CREATE (:Ledger {what: '006 after'})"));
      return messages.slice(0, work).findLast(({ kind }) => kind === 'BEGIN');
    },
    noticed: 'doubled',
  },
];

/** Plays the point that shows a sabotage; `true` where the campaign notices it. */
export async function isNoticed(
  sabotage: Sabotage,
  { left }: Reference,
  servers: Servers,
  directory: string,
): Promise<{ readonly noticed: boolean; readonly problems: readonly string[] }> {
  const program = await buildSabotaged(sabotage, directory);
  const { messages } = await learn(sabotage.set, servers, program);
  const message = sabotage.at(messages);
  if (message === undefined) throw new Error(`no message of the run shows that ${sabotage.breaks}`);
  const { database, direction, number } = message;
  const point = { set: sabotage.set, places: [{ database, direction, number, fault: sabotage.fault }] };
  const { problems } = await play(point, { messages, left }, servers, program);
  return { noticed: problems.some((problem) => problem.startsWith(sabotage.noticed)), problems };
}

/**
 * Builds the program with the sabotage in it.
 * @returns the path of its bin.mjs
 * @throws {Error} when the source is not any more what the sabotage was written for
 */
async function buildSabotaged({ changes }: Sabotage, directory: string): Promise<string> {
  const broken = new Map<string, string>();
  for (const [file, replacements] of Object.entries(changes)) {
    const path = join(root, 'src', file);
    let text = await readFile(path, 'utf8');
    for (const [old, changed] of Object.entries(replacements)) {
      if (text.split(old).length !== 2)
        throw new Error(`src/${file} does not have this once, so it cannot be broken: ${old}`);
      text = text.replace(old, () => changed);
    }
    broken.set(path, text);
  }
  await build({
    absWorkingDir: root,
    entryPoints: ['src/bin.ts'],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    external: ['pg-native'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [
      {
        name: 'sabotage',
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const contents = broken.get(path);
            return contents === undefined ? undefined : { contents, loader: 'ts' };
          }),
      },
    ],
  });
  return join(directory, 'bin.mjs');
}
