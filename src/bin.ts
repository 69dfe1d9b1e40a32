import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { type Invocation, parseArguments } from './cli.ts';
import type { Lines, Report } from './commands/context.ts';
import { needsDatabases } from './commands/options.ts';
import {
  type Config,
  DEFAULT_TERMINATION_LOG,
  type Environment,
  type Flags,
  loadConfig,
  loadOutput,
  manualNeo4j,
  manualPostgres,
  type Output,
  readDotenv,
  readTenant,
} from './config.ts';
import { printableJson, visible } from './core/characters.ts';
import type { RestorePoint } from './core/restore-point.ts';
import { type ErrorKind, MigrateError, type Problem } from './errors.ts';
import { EXIT } from './exit.ts';
import { LiveLine } from './live-line.ts';
import { errorData, jsonLog, type Log, textLog } from './log.ts';
import { askQuestion, readPassword } from './prompt.ts';
import { collectSecrets, redact } from './secrets.ts';
import { onStop, type StopSignal } from './signals.ts';
import { terminalLog } from './terminal.ts';
import { terminationMessage } from './termination.ts';
import { throttled } from './throttle.ts';

// The only user of `process` (signals.ts takes the signals): argv, environment, streams and the exit code enter and
// leave here.

declare const __VERSION__: string;
const VERSION = typeof __VERSION__ === 'string' ? __VERSION__ : 'development';
const defaults = { migrationsDir: join(import.meta.dirname, '../migrations') };

const secrets = new Set(collectSecrets(process.env));
const clean = (text: string) => redact(text, [...secrets]);
/** Whatever is written, to either stream, may meet the live line on the screen. */
const line = new LiveLine(process.stderr, clean, process.env.TERM !== 'linux');
const say = (stream: NodeJS.WriteStream) => (text: string) => line.aside(() => void stream.write(clean(text)));
const out = say(process.stdout);
const err = say(process.stderr);
const stop = new AbortController();
/** Not before somebody is asked: Node makes the stream of standard input when it is named. */
const terminal = () => ({ input: process.stdin, output: process.stderr });
const applied: string[] = [];
let restorePoint: RestorePoint | undefined;
/** What is set: the process's environment, and over it the tenant's settings. */
let env: Environment = process.env;
let tenant: string | undefined;
let log: Log;
let json = false;
/** Milliseconds for stopping cleanly; undefined until there is something to stop. */
let grace: number | undefined;
let failed = false;

// What escapes every promise is a bug too, and is told as one: without secrets, and with a termination message.
process.on('uncaughtException', (error) => fail(error));
// Node's own listener would write lines that are neither redacted nor JSON.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => log.emit({ event: 'warning', message: `Node.js: ${name}: ${message}` }));
// A reader that has gone (`| head`) is no reason to fail.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const dotenv = readDotenv(process.cwd());
// Also a command line that cannot be read is told where and as it was asked for.
let output = printing({});
onStop(stopBy);

void main();

async function main(): Promise<void> {
  try {
    stop.signal.throwIfAborted();
    const invocation = parseArguments(
      process.argv.slice(2),
      `localrag-migrate ${VERSION} (schema ${newestMigration()})`,
    );
    if ('text' in invocation) {
      out(invocation.text);
      end('ok');
    } else {
      const report = await perform(invocation);
      line.end();
      out(`${invocation.json ? printableJson(report.data, 2) : printable(report.text)}\n`);
      if (report.kind !== 'ok') leaveMessage(report.kind, notAsItShould(report.kind, report.problems));
      end(report.kind);
    }
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)));
  }
}

async function perform(invocation: Invocation): Promise<Report> {
  const { run } = await import('./app.ts');
  json = invocation.json;
  settle(invocation);
  // Most runs are told by their environment alone, and print as it says already.
  if (tenant !== undefined || Object.keys(invocation.flags).length > 0) output = printing(invocation.flags);
  const config = await configure(invocation);
  for (const secret of collectSecrets(env, config)) secrets.add(secret);
  grace = config.budgets.shutdownGrace;
  return run(invocation, {
    config,
    identity: { host: hostname(), pid: process.pid, toolVersion: VERSION, runId: randomUUID() },
    emit: (event) => {
      if (event.event === 'applied') applied.push(event.migration);
      if (event.event === 'restore-point') restorePoint = event.restorePoint;
      log.emit(event);
    },
    signal: stop.signal,
    ask: isatty(0) ? (question) => askQuestion(printable(question), terminal()) : undefined,
  });
}

/** From here on only one tenant is meant, if the command is for one of many. */
function settle({ input }: Invocation): void {
  const chosen = readTenant(process.env, input.options);
  if (chosen === undefined) return;
  tenant = chosen.name;
  env = { ...process.env, ...chosen.settings, TENANTS_DIR: undefined };
  for (const secret of collectSecrets(env)) secrets.add(secret);
}

/** Where and how to print; what is wrong with these settings is told with the others. */
function printing(flags: Flags): Output {
  const output = loadOutput(env, flags, dotenv);
  const text = output.logFormat === 'text' || (output.logFormat === 'auto' && process.stderr.isTTY);
  const colour = process.stderr.isTTY && process.env.NO_COLOR === undefined;
  const told = text
    ? textLog(err, output.logLevel, colour)
    : jsonLog(err, output.logLevel, tenant === undefined ? {} : { tenant });
  const live =
    text && process.stderr.isTTY && process.env.TERM !== 'dumb' && ['debug', 'info'].includes(output.logLevel);
  log = live ? terminalLog(told, line, colour) : { ...told, emit: throttled(told.emit) };
  return output;
}

/** Only the line breaks between lines are ours. */
function printable(text: Lines): string {
  return [text].flat().map(visible).join('\n');
}

async function configure({ command, scope, flags, input }: Invocation): Promise<Config> {
  const databases = needsDatabases(command) ? scope : [];
  if (command.name !== 'migrate-manual') return loadConfig(env, flags, databases, defaults, dotenv);
  // migrate-manual is for when the configuration is not there: only the password may come from the environment.
  const base = loadConfig({}, flags, [], defaults);
  const [variable, build] =
    scope[0] === 'neo4j'
      ? (['NEO4J_PASSWORD', (password: string) => ({ neo4j: manualNeo4j(flags, password) })] as const)
      : (['POSTGRES_PASSWORD', (password: string) => ({ postgres: manualPostgres(flags, password) })] as const);
  // A wrong flag is told before anybody types a password.
  build('');
  const source = { variable, given: process.env[variable], stdin: input.options.passwordStdin === true };
  const password = await readPassword(source, terminal());
  return { ...base, ...build(password) };
}

/** The first signal stops cleanly within the grace, the second one at once. */
function stopBy(signal: StopSignal): void {
  const kind = signal === 'SIGTERM' ? 'terminated' : 'interrupted';
  if (stop.signal.aborted) process.exit(EXIT[kind].code);
  stop.abort(
    new MigrateError(kind, `stopped by ${signal}`, {
      hint: 'what was under way was rolled back, or is taken up by the next run: run migrate again',
    }),
  );
  if (grace === undefined) {
    // Nothing is under way yet; at a prompt nobody would look at the AbortSignal.
    fail(stop.signal.reason);
  } else {
    log.emit({ event: 'stopping', signal });
    setTimeout(() => fail(stop.signal.reason), grace).unref();
  }
}

function fail(error: Error): void {
  // The first reason counts: a stop makes what is under way fail too.
  if (failed) return;
  failed = true;
  const kind: ErrorKind = error instanceof MigrateError ? error.kind : 'bug';
  // Should telling it go wrong.
  process.exitCode = EXIT[kind].code;
  log.error(kind, error);
  if (json) out(`${printableJson({ error: errorData(kind, error) }, 2)}\n`);
  leaveMessage(kind, error);
  end(kind);
}

/** What a command has found that ended as it should, and with another code than 0. */
function notAsItShould(kind: ErrorKind, problems: readonly Problem[] = []): MigrateError {
  const [first] = problems;
  if (first !== undefined && problems.length === 1) return new MigrateError(kind, first.message, first);
  return new MigrateError(kind, `${problems.length} things are not as they should be`, { problems });
}

/** For whoever looks at the pod: the last thing written before any other end than 0. */
function leaveMessage(kind: ErrorKind, error: Error): void {
  const { terminationLog } = output;
  // The default path exists in a pod alone; one that was set may be new.
  if (terminationLog !== DEFAULT_TERMINATION_LOG || existsSync(terminationLog)) {
    try {
      writeFileSync(
        terminationLog,
        redact(terminationMessage(kind, error, { tenant, applied, restorePoint }), [...secrets]),
      );
    } catch (cause) {
      err(visible(`warning: cannot write the termination message to ${terminationLog}: ${(cause as Error).message}`));
      err('\n');
    }
  }
}

/** Leaves once everything is written: what is still open by now (a hung socket) must not hold the process. */
function end(kind: ErrorKind | 'ok'): void {
  const { code } = EXIT[kind];
  process.stdout.write('', () => process.stderr.write('', () => void quitSidecar().finally(() => process.exit(code))));
}

async function quitSidecar(): Promise<void> {
  const { sidecarQuitUrl } = output;
  if (sidecarQuitUrl === undefined) return;
  const { quit } = await import('./sidecar.ts');
  await quit(sidecarQuitUrl);
}

function newestMigration(): string {
  try {
    return (
      readdirSync(defaults.migrationsDir)
        .sort()
        .findLast((name) => /^\d{3,14}_/.test(name))
        ?.replace(/_.*/, '') ?? 'none'
    );
  } catch {
    return 'none';
  }
}
