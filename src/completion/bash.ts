import { type Grammar, quoted, SHELLS, type Value } from './grammar.ts';

/** For bash 3.2 and later: macOS never got another one. */
export function bash({ scopes, commands, forms, takers, values }: Grammar, migrationsDir: string): string {
  return `# localrag-migrate's completion for bash. To have it in this shell: eval "$(localrag-migrate completion bash)"

_localrag_migrate_numbers() {
  local directory=\${MIGRATIONS_DIR:-} file
  [[ -n $directory ]] || directory=${quoted(migrationsDir)}
  for file in "$directory"/[0-9][0-9][0-9]*_*.{sql,cypher}; do
    [[ -e $file ]] || continue
    file=\${file##*/}
    file=\${file%%_*}
    [[ $file == *[!0-9]* ]] || echo "$((10#$file))"
  done
}

_localrag_migrate() {
  local cur=\${COMP_WORDS[COMP_CWORD]} scope= command= flag= words= word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      # Bash takes --to=4 for three words.
      =) ;;
      ${takers.join('|')}) flag=$word command=\${command:-migrate} ;;
      -*) flag= command=\${command:-migrate} ;;
      *)
        if [[ -n $flag ]]; then flag=
        elif [[ -z $scope$command && ( ${scopes.map(({ name }) => `$word == ${name}`).join(' || ')} ) ]]; then scope=$word
        elif [[ -z $command ]]; then command=$word
        fi
        ;;
    esac
  done
  [[ $cur == = ]] && cur=
  if [[ -n $flag && $cur != -* ]]; then
    case "\${command:-migrate} $flag" in
${values.map(({ value, pattern }) => `      ${pattern}) ${offer(value)} ;;`).join('\n')}
    esac
  elif [[ $cur == -* ]]; then
    case $scope:\${command:-migrate} in
${forms.map(({ places, flags }) => `      ${places.join('|')}) words='${flags.map(({ name }) => name).join(' ')}' ;;`).join('\n')}
    esac
    [[ -n $scope$command ]] || words+=' --version'
  else
    case $scope:$command in
      :) words='${[...scopes, ...commands].map(({ name }) => name).join(' ')}' ;;
      *:) words='${commands.map(({ name }) => name).join(' ')}' ;;
      *:completion) words='${SHELLS.join(' ')}' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

complete -F _localrag_migrate localrag-migrate
`;
}

function offer(value: Value): string {
  if (value === 'anything') return '';
  if (value === 'migration') return 'words=$(_localrag_migrate_numbers)';
  if (value === 'directory') return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")); return';
  return `words='${value.join(' ')}'`;
}
