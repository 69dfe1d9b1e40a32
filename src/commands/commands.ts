import type { Database, Migration } from '../core/migration.ts';
import { MigrateError } from '../errors.ts';
import type { LookContext, OfflineContext, ReadContext, Report, WriteContext } from './context.ts';

/** A flag as commander writes it, and what it is for. */
export type Option = readonly [flag: string, description: string];

/** What stood on the command line for a command. */
export interface Input {
  readonly scope: readonly Database[];
  readonly argument: string | undefined;
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

interface Described {
  readonly name: string;
  readonly argument?: string;
  readonly summary: string;
  readonly options: readonly Option[];
}

interface Settling {
  /** For a command that has nothing to do where the histories hold exactly the files: what it answers then. */
  readonly settled?: (input: Input) => ((context: OfflineContext, migrations: number) => Promise<Report>) | undefined;
}

/** By privilege: what a command is given decides what it can do. */
export type Command = Described &
  (
    | { readonly privilege: 'offline'; readonly run: (context: OfflineContext, input: Input) => Promise<Report> }
    | { readonly privilege: 'files'; readonly run: (files: readonly Migration[], input: Input) => Promise<Report> }
    | { readonly privilege: 'look'; readonly run: (context: LookContext, input: Input) => Promise<Report> }
    | (Settling & { readonly privilege: 'read'; readonly run: (context: ReadContext, input: Input) => Promise<Report> })
    | (Settling & {
        readonly privilege: 'write';
        readonly run: (context: WriteContext, input: Input) => Promise<Report>;
      })
  );

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
      ['--tenant-index [N]', 'one tenant of TENANTS_DIR (default: JOB_COMPLETION_INDEX)'],
    ],
    settled: ({ options }) =>
      options.to !== undefined || options.dryRun === true
        ? undefined
        : async (context, migrations) => {
            const { upToDate } = await import('./write/migrate.ts');
            return upToDate(context, migrations);
          },
    run: async (context, { options }) => {
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
      const report = await status(context);
      return options.exitCode === true ? report : { ...report, kind: 'ok' };
    },
  },
  {
    name: 'plan',
    summary: 'say what migrate would do, step by step',
    privilege: 'read',
    options: [TO, OUT_OF_ORDER],
    run: async (context, { options }) => {
      const { plan } = await import('./read/plan.ts');
      return plan(context, planOptions(options));
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
    summary: 'look whether everything that the migrations make is there',
    privilege: 'read',
    options: [],
    run: async (context) => {
      const { verify } = await import('./read/verify.ts');
      return verify(context);
    },
  },
  {
    name: 'validate',
    summary: 'check the migration files, without a database',
    privilege: 'files',
    options: [],
    run: async (files) => {
      const { validate } = await import('./offline/validate.ts');
      return validate(files);
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
      ['--yes', 'do not ask'],
    ],
    run: async (context, { options }) => {
      const { repair } = await import('./write/repair.ts');
      return repair(context, {
        forget: version(options, 'forget'),
        markApplied: version(options, 'markApplied'),
        rechecksum: version(options, 'rechecksum'),
        resume: options.resume === true ? true : version(options, 'resume'),
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
];

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
