import { type Flag, type Grammar, quoted, SHELLS } from './grammar.ts';

/** For fish 3 and later. */
export function fish({ scopes, commands, forms, takers }: Grammar, migrationsDir: string): string {
  return `# localrag-migrate's completion for fish. To have it in this shell: localrag-migrate completion fish | source

function __localrag_migrate_numbers
    set -l directory $MIGRATIONS_DIR
    test -n "$directory"; or set directory ${quoted(migrationsDir)}
    for file in $directory/*_*.sql $directory/*_*.cypher
        string replace -rf '^.*/0*(\\d+)_[^/]*$' '$1' $file
    end
end

# What stands before the cursor, as scope:command.
function __localrag_migrate_place
    set -l scope
    set -l command
    set -l flag
    for word in (commandline -opc)[2..-1]
        switch $word
            case ${takers.join(' ')}
                set flag $word
                set -q command[1]; or set command migrate
            case '-*'
                set flag
                set -q command[1]; or set command migrate
            case '*'
                if set -q flag[1]
                    set flag
                else if not set -q scope[1]; and not set -q command[1]; and contains -- $word ${scopes.map(({ name }) => name).join(' ')}
                    set scope $word
                else if not set -q command[1]
                    set command $word
                end
        end
    end
    echo "$scope:$command"
end

function __localrag_migrate_at
    set -l place (string replace -r ':$' ':migrate' (__localrag_migrate_place))
    contains -- $place $argv; or contains -- (string replace -r '.*:' '*:' $place) $argv
end

function __localrag_migrate_before
    contains -- (__localrag_migrate_place) $argv
end

complete -c localrag-migrate -f
${scopes.map(({ name, summary }) => `complete -c localrag-migrate -n '__localrag_migrate_before :' -a ${name} -d ${quoted(summary)}`).join('\n')}
${commands.map(({ name, summary }) => `complete -c localrag-migrate -n '__localrag_migrate_before ${[':', ...scopes.map((scope) => `${scope.name}:`)].join(' ')}' -a ${name} -d ${quoted(summary)}`).join('\n')}
complete -c localrag-migrate -n "__localrag_migrate_at '*:completion'" -a '${SHELLS.join(' ')}'
complete -c localrag-migrate -n '__localrag_migrate_before :' -l version -d 'the version and the schema that it carries'
${flagsOf(forms).join('\n')}
`;
}

/** One line for each flag, with all of the places that have it. */
function flagsOf(forms: Grammar['forms']): readonly string[] {
  const all = forms.flatMap(({ places, flags }) => flags.map((flag) => ({ flag, places })));
  return [...Map.groupBy(all, ({ flag }) => JSON.stringify(flag))].map(([flag, same]) => {
    const places = same.flatMap((one) => one.places).map((place) => `'${place}'`);
    const { name, summary, value } = JSON.parse(flag) as Flag;
    return `complete -c localrag-migrate -n "__localrag_migrate_at ${places.join(' ')}" -l ${name.slice(2)}${offer(value)} -d ${quoted(summary)}`;
  });
}

function offer(value: Flag['value']): string {
  if (value === undefined) return '';
  if (value === 'anything') return ' -x';
  if (value === 'migration') return " -x -a '(__localrag_migrate_numbers)'";
  if (value === 'directory') return " -x -a '(__fish_complete_directories)'";
  return ` -x -a '${value.join(' ')}'`;
}
