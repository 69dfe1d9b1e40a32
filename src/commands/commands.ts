import type { Database } from '../core/migration.ts';
import { MigrateError } from '../errors.ts';
import type { Command, Input, Option } from './command.ts';
import type { Report } from './context.ts';

const TO: Option = ['--to <N>', 'only up to this number'];
const OUT_OF_ORDER: Option = ['--allow-out-of-order', 'apply also what is pending below the newest applied'];

/** Every command; `--help`, the README and the tests are made from it. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'migrate',
    summary: 'apply what is pending (the default)',
    privilege: 'write',
    options: [
      TO,
      OUT_OF_ORDER,
      ['--dry-run', 'only say what would be applied'],
      ['--rehearse', 'run what is pending in transactions that are rolled back'],
    ],
    settled: ({ options }) =>
      options.to !== undefined || options.dryRun === true || options.rehearse === true
        ? undefined
        : async (context, migrations) => {
            const { upToDate } = await import('./write/migrate.ts');
            return upToDate(context, migrations);
          },
    run: async (context, { options }) => {
      if (options.rehearse === true && options.dryRun !== true) {
        const { rehearse } = await import('./write/rehearse.ts');
        return rehearse(context, planOptions(options));
      }
      const { migrate } = await import('./write/migrate.ts');
      return migrate(context, { ...planOptions(options), dryRun: options.dryRun === true });
    },
  },
  {
    name: 'wait',
    summary: 'wait until the databases are ready and hold every migration of this image',
    privilege: 'read',
    options: [['--ready-only', 'do not wait for migrations']],
    settled: ({ options }) =>
      options.readyOnly === true
        ? undefined
        : async (_, migrations) => {
            const { held } = await import('./read/wait.ts');
            return held(migrations);
          },
    run: async (context, { options }) => {
      const { wait } = await import('./read/wait.ts');
      return wait(context, { readyOnly: options.readyOnly === true });
    },
  },
  {
    name: 'status',
    summary: 'list every migration with its state',
    privilege: 'read',
    options: [['--exit-code', 'end with 3 where something is pending']],
    run: async (context, { options }) => {
      const { status } = await import('./read/status.ts');
      return asked(options, await status(context));
    },
  },
  {
    name: 'plan',
    summary: 'say what migrate would do, step by step',
    privilege: 'read',
    options: [
      TO,
      OUT_OF_ORDER,
      ['--exit-code', 'end with 3 where something is pending'],
      ['--offline', 'from the files alone: no database, no sizes, everything pending'],
    ],
    run: async (context, { options }) => {
      const { plan } = await import('./read/plan.ts');
      return asked(options, await plan(context, planOptions(options)));
    },
    offline: async (files, { options, scope }) => {
      const { offlinePlan } = await import('./read/plan.ts');
      return asked(options, await offlinePlan(files, scope, planOptions(options)));
    },
  },
  {
    name: 'health',
    summary: 'look whether the databases answer and have what migrations need',
    privilege: 'look',
    options: [],
    run: async (context) => {
      const { health } = await import('./read/health.ts');
      return health(context);
    },
  },
  {
    name: 'verify',
    summary: 'compare the live schema with the one that the migrations make',
    privilege: 'read',
    options: [],
    run: async (context) => {
      const { verify } = await import('./read/verify.ts');
      return verify(context);
    },
  },
  {
    name: 'schema',
    summary: 'draw the live schema: tables, keys and indexes; labels, indexes and relationships',
    privilege: 'look',
    options: [['--format <format>', 'mermaid (the default), dot or json']],
    run: async (context, { options }) => {
      const { schema } = await import('./read/schema.ts');
      return schema(context, String(options.format ?? 'mermaid'));
    },
  },
  {
    name: 'validate',
    summary: 'check the migration files and warn of what is dangerous in them, without a database',
    privilege: 'files',
    options: [
      ['--since <N>', 'lint only what is above this number, as one release'],
      ['--strict', 'end with 3 where the linter warns of something'],
      ['--sarif', 'answer in SARIF 2.1.0'],
    ],
    run: async (files, { options }, directory = '') => {
      const { validate } = await import('./offline/validate.ts');
      const sarif = options.sarif === true ? directory : undefined;
      return validate(files, { since: version(options, 'since'), strict: options.strict === true, sarif });
    },
  },
  {
    name: 'create',
    argument: '<name>',
    summary: 'write a new, empty migration with the next number',
    privilege: 'offline',
    options: [['--cypher', 'for Neo4j instead of PostgreSQL']],
    run: async ({ config }, { argument = '', options, scope }) => {
      const { createMigration } = await import('../files/create.ts');
      const [first] = scope;
      const database: Database = options.cypher === true ? 'neo4j' : (first ?? 'postgres');
      const path = await createMigration(config.migrationsDir, argument, database);
      return { kind: 'ok', text: `Created ${path}.`, data: { path } };
    },
  },
  {
    name: 'baseline',
    summary: 'record migrations as present without running them',
    privilege: 'write',
    options: [['--to <N>', 'the newest one that is present (required)']],
    run: async (context, { options }) => {
      const { baseline } = await import('./write/baseline.ts');
      const to = version(options, 'to');
      if (to === undefined)
        throw new MigrateError('usage', 'baseline needs --to N, the newest migration that is present', {
          hint: 'localrag-migrate baseline --to 5',
        });
      return baseline(context, to);
    },
  },
  {
    name: 'repair',
    summary: 'change the history after looking at the database; asks first',
    privilege: 'write',
    options: [
      ['--forget <N>', 'take a migration out of the history'],
      ['--mark-applied <N>', 'record a migration as applied without running it'],
      ['--rechecksum <N>', 'accept a file that has changed since it was applied'],
      ['--resume [N]', 'let migrate run the step again that may be half-done'],
      ['--reapply <N>', 'run a replayable migration that was adopted or baselined, and record it as applied'],
      ['--rebuild-history <N>', 'make a damaged Neo4j history readable: record what is missing up to N as present'],
      [
        '--forget-all',
        'clear the history, so that the next migrate applies every file: to recreate a development schema',
      ],
      ['--yes', 'do not ask'],
    ],
    run: async (context, { options }) => {
      const { repair } = await import('./write/repair.ts');
      return repair(context, {
        forget: version(options, 'forget'),
        markApplied: version(options, 'markApplied'),
        rechecksum: version(options, 'rechecksum'),
        resume: options.resume === true ? true : version(options, 'resume'),
        reapply: version(options, 'reapply'),
        rebuildHistory: version(options, 'rebuildHistory'),
        forgetAll: options.forgetAll === true,
        yes: options.yes === true,
      });
    },
  },
  {
    name: 'rollback-plan',
    summary: 'print the rollback sections of what is applied, newest first; runs nothing',
    privilege: 'read',
    options: [['--to <N>', 'down to this number, which stays']],
    run: async (context, { options }) => {
      const { rollbackPlan } = await import('./read/rollback-plan.ts');
      return rollbackPlan(context, { to: version(options, 'to') });
    },
  },
  {
    name: 'migrate-manual',
    summary: 'migrate one database that is named on the command line; asks for the password',
    privilege: 'write',
    options: [
      TO,
      OUT_OF_ORDER,
      ['--dry-run', 'only say what would be applied'],
      ['--password-stdin', 'read the password from standard input'],
    ],
    run: async (context, { options }) => {
      const { migrate } = await import('./write/migrate.ts');
      return migrate(context, { ...planOptions(options), dryRun: options.dryRun === true });
    },
  },
  {
    name: 'completion',
    argument: '<shell>',
    summary: 'print what makes bash, zsh or fish complete commands and flags',
    privilege: 'offline',
    options: [],
    run: async ({ config }, { argument = '' }) => {
      const { completion } = await import('../completion/completion.ts');
      return completion(argument, COMMANDS, config.migrationsDir);
    },
  },
];

/** That something is pending is a failure only where --exit-code says so. */
function asked(options: Input['options'], report: Report): Report {
  return options.exitCode !== true && report.kind === 'pending' ? { ...report, kind: 'ok' } : report;
}

function planOptions(options: Input['options']) {
  return { to: version(options, 'to'), allowOutOfOrder: options.allowOutOfOrder === true };
}

/** A migration's number. */
function version(options: Input['options'], name: string): number | undefined {
  const text = options[name];
  if (text === undefined || typeof text === 'boolean') return undefined;
  if (/^\d{1,14}$/.test(text)) return Number(text);
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new MigrateError('usage', `--${flag} takes the number of a migration, not ${JSON.stringify(text)}`, {
    hint: `for example --${flag} 5`,
  });
}
