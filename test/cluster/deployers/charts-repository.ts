import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { ROOT } from '../../docs/documents.ts';
import { run } from '../../servers/command.ts';

/** Makes a git repository in a new directory, with the charts on its branch `main`. */
export async function commitCharts(repository: string): Promise<void> {
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  await run('git', ['init', '--quiet', '--initial-branch=main', repository]);
  await cp(join(ROOT, 'charts'), join(repository, 'charts'), { recursive: true });
  await run('git', ['-C', repository, 'add', '--all']);
  await run('git', ['-C', repository, ...author, 'commit', '--quiet', '--message', 'Add the charts']);
}

export interface GitServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a repository over HTTP, by git's own CGI program. */
export async function serveGit(repository: string): Promise<GitServer> {
  const program = join((await run('git', ['--exec-path'])).trim(), 'git-http-backend');
  const server = createServer((request, response) => answer(program, dirname(repository), request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${basename(repository)}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(program: string, root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const {
    'content-type': type = '',
    'content-encoding': encoding = '',
    'git-protocol': protocol = '',
  } = request.headers;
  const cgi = spawn(program, {
    env: {
      ...{ GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', REQUEST_METHOD: request.method ?? 'GET' },
      ...{ PATH_INFO: pathname, QUERY_STRING: search.slice(1), CONTENT_TYPE: type, REMOTE_ADDR: '127.0.0.1' },
      ...{ HTTP_CONTENT_ENCODING: encoding, GIT_PROTOCOL: String(protocol) },
    },
  });
  request.pipe(cgi.stdin.on('error', () => undefined));
  let head = Buffer.alloc(0);
  cgi.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const headers = head.subarray(0, end).toString().split('\r\n');
    const fields = new Map(headers.map((line) => line.split(': ', 2) as [string, string]));
    const status = Number.parseInt(fields.get('Status') ?? '200', 10);
    fields.delete('Status');
    response.writeHead(status, Object.fromEntries(fields)).write(head.subarray(end + 4));
  });
  cgi.once('close', () => response.end());
}
