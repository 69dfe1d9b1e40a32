import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cached } from '../servers/cache.ts';
import { run } from '../servers/command.ts';
import { withProgress } from '../servers/progress.ts';

/** Runs arm64 programs on a machine of another architecture. */
export interface Emulation {
  /** The command line that runs the program behind it in `root`. It holds absolute paths, for an environment without PATH. */
  within(root: string, user?: string): readonly string[];
  /** Gives `root` what a container runtime mounts: /proc and /dev. */
  mount(root: string): Promise<void>;
  /** Every program of the emulation has ended by now. */
  stop(): void;
}

/**
 * How an arm64 ELF file begins, the bits of it that count, and the program that runs it. F opens that program at once:
 * it does not need to be in the root directory of the programs that it runs.
 */
const registration = (interpreter: string) =>
  String.raw`:arm64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:` +
  String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:${interpreter}:F`;

/** Runs in the new namespaces until its standard input ends, and so not longer than this process. */
const HOLDER = `
echo entered
read -r mapped
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
printf %s "$1" > /proc/sys/fs/binfmt_misc/register
echo ready
read -r end`;

/**
 * QEMU in namespaces of its own: the kernel gives arm64 programs to it there and nowhere else on this machine.
 * @throws {Error} if this machine cannot do it
 */
export async function emulateArm64(): Promise<Emulation> {
  if (process.arch === 'arm64') throw new Error('this machine is arm64: use npm run image and npm run test:image');
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('it needs root on Linux');
  const [nsenter, chroot] = await Promise.all([pathOf('nsenter'), pathOf('chroot')]);
  const holder = spawn('unshare', ['--user', '--mount', '--', 'sh', '-ec', HOLDER, 'sh', registration(await qemu())]);
  await enter(holder);
  const inside = [nsenter, '--target', String(holder.pid), '--user', '--mount', '--'];
  return {
    within: (root, user = '0:0') => [...inside, chroot, `--userspec=${user}`, root],
    mount: async (root) => {
      for (const name of ['proc', 'dev']) {
        await mkdir(join(root, name), { recursive: true });
        const [program = '', ...args] = [...inside, 'mount', '--rbind', `/${name}`, join(root, name)];
        await run(program, args);
      }
    },
    stop: () => void holder.stdin.end(),
  };
}

/** Maps the users of the new namespace, and waits until arm64 programs run there. */
async function enter(holder: ChildProcessWithoutNullStreams): Promise<void> {
  let said = '';
  holder.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  holder.stdin.on('error', () => {});
  const closed = new Promise((resolve) => holder.once('close', resolve));
  const lines = createInterface(holder.stdout)[Symbol.asyncIterator]();
  await once(holder, 'spawn');
  if (!(await lines.next()).done) {
    // All of them: a Debian has files of more users than root.
    for (const map of ['uid_map', 'gid_map']) await writeFile(`/proc/${holder.pid}/${map}`, '0 0 65536\n');
    holder.stdin.write('\n');
    if (!(await lines.next()).done) return;
  }
  await closed;
  throw new Error(`arm64 cannot be registered in a user namespace, for which Linux 6.7 is needed: ${said.trim()}`);
}

async function pathOf(program: string): Promise<string> {
  return (await run('sh', ['-c', 'command -v "$0"', program])).trim();
}

/** Unpacked, not installed: an installation would register it for the whole machine. */
async function qemu(): Promise<string> {
  const directory = await cached('qemu-aarch64-debian', (directory) =>
    withProgress('Downloading QEMU for arm64 (63 MB)', async () => {
      await run('apt-get', ['update', '-qq'], { timeout: 300_000 });
      await run('apt-get', ['download', '-qq', 'qemu-user-static'], { cwd: directory, timeout: 300_000 });
      for (const file of await readdir(directory)) {
        const unpack = 'dpkg-deb --fsys-tarfile "$0" | tar -x --strip-components=3 ./usr/bin/qemu-aarch64-static';
        await run('sh', ['-c', unpack, file], { cwd: directory });
        await rm(join(directory, file));
      }
    }),
  );
  return join(directory, 'qemu-aarch64-static');
}
