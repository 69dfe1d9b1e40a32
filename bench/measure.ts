import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One process, from its start to its end. */
export interface Measure {
  /** Milliseconds. */
  readonly wall: number;
  /** Milliseconds of processor time, user and system. */
  readonly cpu: number;
  /** Megabytes at the highest. */
  readonly memory: number;
}

/**
 * Starts `count` copies of argv at once and says of each when it ended and what it used. At once: each waits for a pipe to be
 * closed, since starting the hundredth while the others run takes seconds. Node cannot be asked for what a child has used;
 * Python, which the tests' PostgreSQL needs anyway, can.
 */
const MEASURE = `
import json, os, sys, time
count = int(sys.argv[1])
command = sys.argv[2:]
quiet = os.open('/dev/null', os.O_WRONLY)
path = '/tmp/bench-stderr-%d' % os.getpid()
errors = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
start, go = os.pipe()
for _ in range(count):
    if os.fork() == 0:
        os.close(go)
        os.dup2(quiet, 1)
        os.dup2(errors, 2)
        os.read(start, 1)
        os.execvp(command[0], command)
begin = time.perf_counter()
os.close(go)
ended = []
for _ in range(count):
    _, status, used = os.wait3(0)
    code = os.waitstatus_to_exitcode(status)
    ended.append({'wall': (time.perf_counter() - begin) * 1000, 'cpu': (used.ru_utime + used.ru_stime) * 1000, 'memory': used.ru_maxrss / 1024, 'code': code})
said = open(path).read()[-600:]
os.unlink(path)
print(json.dumps({'ended': ended, 'said': said}))
`;

/** @throws {Error} where one of them does not end with 0 */
export async function measureAll({ argv, env = {} }: Command, count: number): Promise<readonly Measure[]> {
  const child = spawn('python3', ['-c', MEASURE, String(count), ...argv], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(child, 'close');
  const { ended, said } = JSON.parse(text) as { ended: readonly (Measure & { code: number })[]; said: string };
  const failed = ended.find(({ code }) => code !== 0);
  if (failed !== undefined) throw new Error(`${argv[0]} ended with ${failed.code}: ${said}`);
  return ended;
}

export async function measure(command: Command): Promise<Measure> {
  const [measured] = await measureAll(command, 1);
  return measured as Measure;
}

/** Median, smallest and largest. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { median: at(Math.floor(sorted.length / 2)), least: at(0), most: at(sorted.length - 1) };
}
