import { type Grammar, quoted, SHELLS, type Value } from './grammar.ts';

/** For zsh with its completion system (compinit), from a file in $fpath or read by the shell. */
export function zsh({ scopes, commands, forms, takers, values }: Grammar, migrationsDir: string): string {
  return `#compdef localrag-migrate
# localrag-migrate's completion for zsh. To have it in this shell: source <(localrag-migrate completion zsh)

_localrag_migrate_numbers() {
  local directory=\${MIGRATIONS_DIR:-} file
  [[ -n $directory ]] || directory=${quoted(migrationsDir)}
  for file in $directory/[0-9][0-9][0-9]*_*.(sql|cypher)(N:t); do
    file=\${file%%_*}
    [[ $file == *[^0-9]* ]] || print -- $((10#$file))
  done
}

_localrag_migrate() {
  local scope= command= flag= word
  local -a offers
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case $word in
      ${takers.join('|')}) flag=$word command=\${command:-migrate} ;;
      -*) flag= command=\${command:-migrate} ;;
      *)
        if [[ -n $flag ]]; then flag=
        elif [[ -z $scope$command && $word == (${scopes.map(({ name }) => name).join('|')}) ]]; then scope=$word
        elif [[ -z $command ]]; then command=$word
        fi
        ;;
    esac
  done
  if [[ $PREFIX == --*=* ]]; then
    flag=\${PREFIX%%=*}
    compset -P '*='
  fi
  if [[ -n $flag && $PREFIX != -* ]]; then
    case "\${command:-migrate} $flag" in
${values.map(({ value, pattern }) => `      ${pattern}) ${offer(value)} ;;`).join('\n')}
    esac
  elif [[ $PREFIX == -* ]]; then
    case $scope:\${command:-migrate} in
${forms.map(({ places, flags }) => `      ${places.join('|')})\n        offers=(\n${described(flags)}\n        ) ;;`).join('\n')}
    esac
    [[ -n $scope$command ]] || offers+=('--version:the version and the schema that it carries')
    _describe -o flag offers
  elif [[ -z $command ]]; then
    [[ -n $scope ]] || offers=(
${described(scopes)}
    )
    offers+=(
${described(commands)}
    )
    _describe command offers
  elif [[ $command == completion ]]; then
    compadd -- ${SHELLS.join(' ')}
  fi
}

if [[ \${funcstack[1]} == _localrag_migrate ]]; then _localrag_migrate "$@"; else compdef _localrag_migrate localrag-migrate; fi
`;
}

function described(words: readonly { readonly name: string; readonly summary: string }[]): string {
  return words.map(({ name, summary }) => `          ${quoted(`${name}:${summary}`)}`).join('\n');
}

function offer(value: Value): string {
  if (value === 'anything') return '_message value';
  if (value === 'migration') return 'compadd -- $(_localrag_migrate_numbers)';
  if (value === 'directory') return '_files -/';
  return `compadd -- ${value.join(' ')}`;
}
