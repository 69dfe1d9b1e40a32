import { execFile, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from '../servers/cache.ts';

// The real shells. bash is on every machine that runs these tests. zsh and fish are taken from the PATH, else, without
// root, out of Debian's packages, which the cache keeps.

const exec = promisify(execFile);
type Shell = 'bash' | 'zsh' | 'fish';

interface Installation {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

const PACKAGES = {
  bash: [],
  // One program with all of its modules inside: the other one looks for them in /usr/lib.
  zsh: ['zsh-static', 'zsh-common'],
  fish: ['fish', 'fish-common', 'libpcre2-32-0'],
};

/** @throws Error that says why there is none. */
export async function installed(shell: Shell): Promise<Installation> {
  const onPath = await exec(shell, ['--version']).catch(() => undefined);
  if (onPath !== undefined) return { program: shell, env: {} };
  const root = await cached(`shell-${shell}-debian`, (directory) => unpack(PACKAGES[shell], directory)).catch(
    (cause) => {
      throw new Error(`there is no ${shell}, and apt-get has no package of it: install ${shell}`, { cause });
    },
  );
  if (shell === 'zsh')
    return { program: join(root, 'bin/zsh-static'), env: { ZSH_FUNCTIONS: join(root, 'usr/share/zsh/functions') } };
  const [libraries = ''] = await readdir(join(root, 'usr/lib'));
  return { program: join(root, 'usr/bin', shell), env: { LD_LIBRARY_PATH: join(root, 'usr/lib', libraries) } };
}

async function unpack(packages: readonly string[], directory: string): Promise<void> {
  await exec('apt-get', ['download', ...packages], { cwd: directory });
  for (const archive of await readdir(directory)) {
    await exec('dpkg-deb', ['-x', archive, directory], { cwd: directory });
    await rm(join(directory, archive));
  }
  // Beside share/fish: where it finds both it takes them, and not those of the machine.
  await rename(join(directory, 'etc'), join(directory, 'usr/etc'));
}

/**
 * What a shell offers for each line when TAB is pressed at its end. A line that begins with `export` is carried out.
 * @param script as `completion` prints it
 * @param home an empty directory, in which the shell runs
 */
export async function offers(
  shell: Shell,
  script: string,
  lines: readonly string[],
  home: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { program, env } = await installed(shell);
  await mkdir(join(home, 'functions'), { recursive: true });
  await writeFile(join(home, 'functions/_localrag_migrate'), script);
  const said = await DRIVERS[shell](program, lines, {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, TERM: 'xterm', ...env },
  });
  const found = new Map<string, readonly string[]>();
  for (const part of said.split(/^= /m).slice(1)) {
    const [line = '', ...words] = part.split('\n').filter(Boolean);
    // fish says the flag again, and what a word means.
    const plain = words.map((word) =>
      word
        .replace(/\t.*/, '')
        .replace(/^--[a-z-]+=/, '')
        .replace(/\/$/, ''),
    );
    found.set(line.slice(0, -1), [...new Set(plain)].sort());
  }
  return found;
}

type Driver = (
  program: string,
  lines: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
) => Promise<string>;

const DRIVERS: Readonly<Record<Shell, Driver>> = {
  /** As readline calls it: words are cut at = too. */
  bash: (program, lines, options) => {
    const calls = lines.map((line) => {
      if (line.startsWith('export ')) return line;
      const words = line
        .replaceAll('=', ' = ')
        .split(/ +/)
        .map((word) => `'${word}'`);
      return `COMP_WORDS=(${words.join(' ')}) COMP_CWORD=${words.length - 1}; _localrag_migrate; printf '%s\\n' '= ${line}.' "\${COMPREPLY[@]}"`;
    });
    return stdout(
      program,
      ['--norc', '--noprofile', '-uc', ['source functions/_localrag_migrate', ...calls].join('\n')],
      options,
    );
  },
  fish: (program, lines, options) => {
    const calls = lines.map((line) =>
      line.startsWith('export ')
        ? line.replace('export', 'set -x').replace('=', ' ')
        : `echo '= ${line}.'; complete -C '${line}'`,
    );
    return stdout(program, ['--no-config', '-c', ['source functions/_localrag_migrate', ...calls].join('\n')], options);
  },
  /** Its completion lives in its line editor only: it gets a terminal, keys are pressed, and what it would add is noted. */
  zsh: async (program, lines, options) => {
    await writeFile(join(options.cwd, '.zshrc'), ZSHRC);
    const child = spawn('script', ['--quiet', '--return', '--command', `${program} -d -i`, '/dev/null'], {
      ...options,
      env: { ...options.env, ZDOTDIR: options.cwd, SHELL: '/bin/sh' },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    child.stdin?.end([...lines.map((line) => `${line}${line.startsWith('export ') ? '\n' : '\t'}`), 'exit\n'].join(''));
    await new Promise((resolve) => child.once('close', resolve));
    return readFile(join(options.cwd, 'noted'), 'utf8');
  },
};

const ZSHRC = `
[[ -z $ZSH_FUNCTIONS ]] || fpath=($ZSH_FUNCTIONS/*(/) $ZSH_FUNCTIONS/Completion/*(/))
fpath=($HOME/functions $fpath)
autoload -Uz compinit
compinit -u -D
compadd() {
  # These options only ask.
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)* ]]; then builtin compadd "$@"; return; fi
  local -a matches
  builtin compadd -A matches "$@"
  print -l -- $matches >> $HOME/noted
  builtin compadd "$@"
}
note-and-clear() { print -- "= $BUFFER." >> $HOME/noted; zle list-choices; BUFFER= }
zle -N note-and-clear
bindkey '^I' note-and-clear
`;

async function stdout(program: string, args: readonly string[], options: { readonly cwd: string }): Promise<string> {
  const said = await exec(program, args, options);
  if (said.stderr !== '') throw new Error(said.stderr);
  return said.stdout;
}
