import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Command } from '../src/commands/command.ts';
import { COMMANDS } from '../src/commands/commands.ts';
import { TENANTS } from '../src/commands/options.ts';
import { VARIABLES } from '../src/config.ts';
import { EXIT } from '../src/exit.ts';
import { chartSchema, chartValues, librarySchema, libraryValues, valuesIn } from './chart-values.ts';
import { drawnSchema } from './drawn-schema.ts';
import { connectionErrors, ERROR_COLUMNS, statementErrors } from './errors-table.ts';
import { lintRules } from './lint-rules.ts';

// Writes the parts of the documentation that the code knows better, between <!-- generated:NAME --> and
// <!-- /generated -->. With --check it writes nothing, names what is stale, and ends with 1.

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What can stand between the marks, by name. */
const PARTS: Readonly<Record<string, () => string>> = {
  commands: () =>
    table(
      ['command', 'does', 'touches'],
      COMMANDS.map((command) => [
        code([command.name, command.argument].filter(Boolean).join(' ')),
        command.summary,
        TOUCHES[command.privilege],
      ]),
    ),
  flags: () =>
    table(
      ['command', 'flag', 'meaning'],
      [
        ...COMMANDS.flatMap(({ name, options }) => options.map(([flag, meaning]) => [code(name), code(flag), meaning])),
        ...TENANTS.map(([flag, meaning]) => ['each that connects to a database', code(flag), meaning]),
      ],
    ),
  'environment-postgres': () => environment(VARIABLES.postgres),
  'environment-neo4j': () => environment(VARIABLES.neo4j),
  'environment-redis': () => environment(VARIABLES.redis),
  'environment-run': () => environment(VARIABLES.run),
  'exit-codes': () =>
    table(
      ['code', 'name', 'meaning', 'again?'],
      Object.entries(EXIT).map(([name, { code, meaning, again }]) => [String(code), name, meaning, again ? 'yes' : '']),
    ),
  'lint-rules': lintRules,
  'chart-values': () => valuesTable(chartValues()),
  'library-values': () => valuesTable(libraryValues()),
  'errors-postgres-connection': () => table(ERROR_COLUMNS, connectionErrors('postgres')),
  'errors-postgres': () => table(ERROR_COLUMNS, statementErrors('postgres')),
  'errors-neo4j-connection': () => table(ERROR_COLUMNS, connectionErrors('neo4j')),
  'errors-neo4j': () => table(ERROR_COLUMNS, statementErrors('neo4j')),
  'schema-postgres': () => ['```mermaid', drawnSchema('postgres'), '```'].join('\n'),
  'schema-neo4j': () => ['```mermaid', drawnSchema('neo4j'), '```'].join('\n'),
  'pod-failure-policy': () => ['```yaml', ...podFailurePolicy(), '```'].join('\n'),
};

const TOUCHES: Readonly<Record<Command['privilege'], string>> = {
  offline: 'the migration directory',
  files: 'no database',
  look: 'reads',
  read: 'reads',
  write: 'reads and writes',
};

function environment(variables: (typeof VARIABLES)[keyof typeof VARIABLES]): string {
  return table(
    ['variable', 'flag', 'meaning', 'default'],
    variables.map(({ name, flag, description, default: value, secret }) => [
      code(name),
      flag === undefined ? '' : code(`--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`),
      secret ? `${description} Secret: also ${code(`${name}_FILE`)}.` : description,
      value ?? '',
    ]),
  );
}

function valuesTable(values: string): string {
  return table(
    ['value', 'default', 'meaning'],
    valuesIn(values).map(({ path, fallback, meaning }) => [code(path), code(fallback), meaning]),
  );
}

function podFailurePolicy(): readonly string[] {
  const final = Object.values(EXIT).filter(({ code, again }) => !again && code !== EXIT.ok.code);
  // `pending` is an answer of status and verify, which no Job ends with that migrates.
  const codes = final.map(({ code }) => code).filter((code) => code !== EXIT.pending.code);
  return [
    'restartPolicy: Never',
    'podFailurePolicy:',
    '  rules:',
    '    - action: Ignore',
    '      onPodConditions: [{ type: DisruptionTarget, status: "True" }]',
    '    - action: FailJob',
    `      onExitCodes: { containerName: migrate, operator: In, values: [${codes.join(', ')}] }`,
  ];
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const PART = /(<!-- generated:([a-z0-9-]+) -->\n)[\s\S]*?(<!-- \/generated -->)/g;

/**
 * A document with its generated parts written again.
 * @throws Error for a part of an unknown name, and for marks that do not come in pairs.
 */
export function regenerate(document: string): string {
  const written = document.replace(PART, (_whole, opening: string, name: string, closing: string) => {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`no part is called ${name}; there are ${Object.keys(PARTS).join(', ')}`);
    return `${opening}${part()}\n${closing}`;
  });
  const marks = document.match(/<!-- \/?generated/g)?.length ?? 0;
  if (marks !== 2 * (document.match(PART)?.length ?? 0)) throw new Error('the marks of a generated part do not pair');
  return written;
}

/** What is generated as a whole, by path from the root. */
const FILES: Readonly<Record<string, () => string>> = {
  'charts/localrag-migrate/values.schema.json': chartSchema,
  'charts/localrag-migrate-lib/values.yaml': libraryValues,
  'charts/localrag-migrate-lib/values.schema.json': librarySchema,
};

/** README.md, docs/*.md, the charts' READMEs and what is generated as a whole: each as it is and as it should be. */
export async function documents(): Promise<readonly { path: string; current: string; due: string }[]> {
  const names = (await readdir(`${ROOT}/docs`)).filter((name) => name.endsWith('.md')).sort();
  const charts = (await readdir(`${ROOT}/charts`)).sort().map((name) => `charts/${name}/README.md`);
  return Promise.all(
    ['README.md', ...names.map((name) => `docs/${name}`), ...charts, ...Object.keys(FILES)].map(async (path) => {
      const current = await readFile(`${ROOT}/${path}`, 'utf8');
      return { path, current, due: FILES[path]?.() ?? regenerate(current) };
    }),
  );
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  const stale = (await documents()).filter(({ current, due }) => current !== due);
  for (const { path, due } of stale) {
    if (!check) await writeFile(`${ROOT}/${path}`, due);
    console.log(check ? `${path} is stale: npm run docs` : `${path} written`);
  }
  process.exitCode = check && stale.length > 0 ? 1 : 0;
}
