import { join } from 'node:path';
import type { Environment } from '../config.ts';
import { MigrateError } from '../errors.ts';
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

/**
 * The tenant of an Indexed Job's pod: the file that has this place, counted from 0, among those of TENANTS_DIR in the order
 * of their names.
 * @param index what `--tenant-index` was told; `true` is JOB_COMPLETION_INDEX, which Kubernetes sets.
 * @throws MigrateError `config` where there is no such file, or where it cannot be read.
 */
export function readTenant(env: Environment, index: string | true): Tenant {
  const told = index === true ? env.JOB_COMPLETION_INDEX : index;
  const source = index === true ? 'JOB_COMPLETION_INDEX' : '--tenant-index';
  if (!told) {
    const hint = 'an Indexed Job sets it; elsewhere say --tenant-index N';
    throw new MigrateError('config', 'JOB_COMPLETION_INDEX is not set', { hint });
  }
  if (!/^\d{1,6}$/.test(told)) throw new MigrateError('config', `${source} is not a number from 0 on`);
  const directory = env.TENANTS_DIR;
  if (!directory) {
    const hint = 'set it to the directory with a settings file for each tenant';
    throw new MigrateError('config', 'TENANTS_DIR is not set', { hint });
  }
  const { names, reason } = listNames(directory);
  if (names === undefined) throw new MigrateError('config', `TENANTS_DIR: ${directory}: ${reason}`);
  const file = names[Number(told)];
  if (file === undefined) {
    const message = `${source} is ${told}, but ${directory} has the files of ${names.length} tenants, counted from 0`;
    throw new MigrateError('config', message, { hint: 'completions of the Job must be their number' });
  }
  return {
    name: file.replace(/^\d+-/, '').replace(/\.env$/, ''),
    settings: settingsIn(join(directory, file), file, env),
  };
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
