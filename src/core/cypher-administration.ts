import { keyword } from './cypher.ts';
import type { Token } from './lexer.ts';

const OBJECTS = ['USER', 'ROLE', 'DATABASE', 'ALIAS', 'SERVER'];
const SHOWN = /^(?:DATABASES?|USERS?|ROLES?|PRIVILEGES?|ALIAS(?:ES)?|SERVERS?)$/;

/** By their first word; the words after it that may precede the object, and the objects. No clause of Cypher begins so. */
const COMMANDS: Readonly<Record<string, { readonly skips: readonly string[]; readonly objects: RegExp }>> = {
  CREATE: { skips: ['OR', 'REPLACE', 'COMPOSITE', 'IMMUTABLE'], objects: objects(OBJECTS) },
  DROP: { skips: ['COMPOSITE'], objects: objects(OBJECTS) },
  ALTER: { skips: ['CURRENT', 'COMPOSITE'], objects: objects(OBJECTS) },
  RENAME: { skips: [], objects: objects(OBJECTS) },
  GRANT: { skips: [], objects: /^/ },
  DENY: { skips: [], objects: /^/ },
  REVOKE: { skips: [], objects: /^/ },
  START: { skips: [], objects: /^DATABASE$/ },
  STOP: { skips: [], objects: /^DATABASE$/ },
  ENABLE: { skips: [], objects: /^SERVER$/ },
  DRYRUN: { skips: [], objects: /^(?:DE|RE)ALLOCATE$/ },
  DEALLOCATE: { skips: [], objects: /^DATABASES?$/ },
  REALLOCATE: { skips: [], objects: /^DATABASES?$/ },
  TERMINATE: { skips: [], objects: /^TRANSACTIONS?$/ },
  SHOW: { skips: ['ALL', 'POPULATED', 'DEFAULT', 'HOME', 'CURRENT', 'SUPPORTED'], objects: SHOWN },
};

function objects(words: readonly string[]): RegExp {
  return new RegExp(`^(?:${words.join('|')})$`);
}

/** What a command is called that administers the server; undefined for all others. `head`: the first tokens of a statement. */
export function administration(head: readonly Token[]): string | undefined {
  const [verb = '', ...words] = head.map(keyword);
  const command = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined;
  if (command === undefined) return undefined;
  const at = words.findIndex((word) => !command.skips.includes(word));
  const object = words[at] ?? '';
  if (!command.objects.test(object)) return undefined;
  // CREATE user = (a)-->(b) is a path with a name, and data.
  const following = head[at + 2];
  if (verb === 'CREATE' && following?.kind === 'symbol' && following.text !== '$') return undefined;
  return command.objects.source === '^' ? verb : `${verb} ${words.slice(0, at + 1).join(' ')}`;
}
