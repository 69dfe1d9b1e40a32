import { join } from 'node:path';
import type { Environment } from '../config.ts';
import { byDistance } from '../core/nearest.ts';
import { MigrateError, type Problem } from '../errors.ts';
import { parseDotenv } from './dotenv.ts';
import { listNames, readUtf8 } from './files.ts';
import { Findings } from './findings.ts';

/** One of many who each have their own databases. */
export interface Tenant {
  /** The file's name without the number in front that gives it its place, and without `.env`. */
  readonly name: string;
  /** What its file says; it wins over the environment, which all tenants share. */
  readonly settings: Environment;
}

/** What the command line says of the tenant: `--tenant NAME`, or `--tenant-index [N]`, which is `true` without a number. */
interface Choice {
  readonly tenant?: string | boolean | undefined;
  readonly tenantIndex?: string | boolean | undefined;
}

interface TenantFile {
  readonly file: string;
  readonly name: string;
}

/**
 * The tenant that the command line chooses among the files of TENANTS_DIR; undefined if it chooses none.
 * @throws MigrateError `usage` if it chooses twice, `config` if there is no such file, or if it cannot be read.
 */
export function readTenant(env: Environment, { tenant, tenantIndex }: Choice): Tenant | undefined {
  if (tenant === undefined && tenantIndex === undefined) return undefined;
  if (tenant !== undefined && tenantIndex !== undefined)
    throw new MigrateError('usage', 'both --tenant and --tenant-index choose a tenant', {
      hint: 'leave one of them out',
    });
  const choose = tenant === undefined ? byIndex(indexFrom(env, tenantIndex as string | true)) : byName(String(tenant));
  const directory = env.TENANTS_DIR;
  if (!directory) {
    const hint = 'set it to the directory with a settings file for each tenant';
    throw new MigrateError('config', 'TENANTS_DIR is not set', { hint });
  }
  const { tenants, reason } = tenantsIn(directory);
  if (tenants === undefined) throw new MigrateError('config', reason);
  const { file, name } = choose(tenants, directory);
  return { name, settings: settingsIn(join(directory, file), file, env) };
}

/** What is wrong if settings are missing that each tenant has in a file of its own, and no tenant was chosen. */
export function unnamedTenant(directory: string): Problem {
  const { tenants, reason } = tenantsIn(directory);
  if (tenants === undefined) return { message: reason, hint: 'check how the Secret is mounted' };
  return {
    message: 'TENANTS_DIR is set, and the command line does not say which tenant is meant',
    hint: `add --tenant NAME: ${listed(tenants.map(({ name }) => name))}`,
  };
}

type Choosing = (tenants: readonly TenantFile[], directory: string) => TenantFile;

interface Index {
  readonly source: string;
  readonly value: string;
}

function indexFrom(env: Environment, index: string | true): Index {
  const [source, value] =
    index === true ? ['JOB_COMPLETION_INDEX', env.JOB_COMPLETION_INDEX] : ['--tenant-index', index];
  if (index === '') throw new MigrateError('config', '--tenant-index is empty', { hint: 'give it a number, or none' });
  if (!value) {
    const hint = 'an Indexed Job sets it; elsewhere say --tenant-index N, or --tenant NAME';
    throw new MigrateError('config', 'JOB_COMPLETION_INDEX is not set', { hint });
  }
  if (!/^\d{1,6}$/.test(value)) throw new MigrateError('config', `${source} is not a number from 0 on`);
  return { source, value };
}

/** The place of a file, counted from 0 in the order of names: an Indexed Job has a pod for each. */
function byIndex({ source, value }: Index): Choosing {
  return (tenants, directory) => {
    const tenant = tenants[Number(value)];
    if (tenant !== undefined) return tenant;
    const message = `${source} is ${value}, but ${directory} has the files of ${tenants.length} tenants, counted from 0`;
    throw new MigrateError('config', message, { hint: 'completions of the Job must be their number' });
  };
}

function byName(wanted: string): Choosing {
  if (wanted === '') throw new MigrateError('config', '--tenant is empty', { hint: 'give it the name of a tenant' });
  return (tenants) => {
    // The chart's values name the tenant by its key, `acme.env`.
    const [tenant, ...others] = tenants.filter(({ name }) => name === wanted.replace(/\.env$/, ''));
    if (tenant === undefined)
      throw new MigrateError('config', `no tenant is called ${JSON.stringify(wanted)}`, {
        hint: listed(
          tenants.map(({ name }) => name),
          wanted,
        ),
      });
    if (others.length === 0) return tenant;
    const same = [tenant, ...others];
    const places = same.map((each) => `--tenant-index ${tenants.indexOf(each)}`);
    throw new MigrateError(
      'config',
      `${same.length} tenants are called ${JSON.stringify(wanted)}: ${same.map(({ file }) => file).join(', ')}`,
      { hint: `name one by its place: ${places.join(' or ')}` },
    );
  };
}

function tenantsIn(
  directory: string,
):
  | { readonly tenants: readonly TenantFile[]; readonly reason?: undefined }
  | { readonly tenants?: undefined; readonly reason: string } {
  const { names, reason } = listNames(directory);
  if (names === undefined) return { reason: `TENANTS_DIR: ${directory}: ${reason}` };
  return { tenants: names.map((file) => ({ file, name: file.replace(/^\d+-/, '').replace(/\.env$/, '') })) };
}

/** More names than this make a message that is too long to read. */
const MOST_NAMES = 20;
const NEAREST = 5;

function listed(names: readonly string[], wanted?: string): string {
  if (names.length === 0) return 'TENANTS_DIR has no files';
  if (names.length <= MOST_NAMES) return `there are ${names.join(', ')}`;
  return wanted === undefined
    ? `there are ${names.length}, such as ${names.slice(0, NEAREST).join(', ')}`
    : `there are ${names.length}, the nearest in name: ${byDistance(wanted, names).slice(0, NEAREST).join(', ')}`;
}

function settingsIn(path: string, name: string, env: Environment): Environment {
  const findings = new Findings();
  const { text, reason } = readUtf8(path);
  if (reason !== undefined) findings.problem(`${path}: ${reason}`, 'check how the Secret is mounted');
  // Unlike LocalRAG's `.env`, it has been written for this program alone: a line that is passed over is a mistake.
  const settings = parseDotenv(text ?? '', env, (line) =>
    findings.problem(`${name}, line ${line}: is not an assignment`, 'write NAME=value, and close every quote'),
  );
  findings.throwIfAny();
  return settings;
}
