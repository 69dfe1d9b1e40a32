import { parseArgs } from 'node:util';
import { buildImage } from './image/build.ts';
import { acquireDocker } from './image/docker.ts';
import { imageSize } from './image/size.ts';

/**
 * Builds the image with the Docker that is there, or with one that is started for it and stopped again.
 * `--save FILE` writes it as an archive too, for a cluster or another machine.
 */
const { values } = parseArgs({
  options: {
    tag: { type: 'string', default: 'localrag-migrate:dev' },
    'build-base': { type: 'string' },
    'runtime-base': { type: 'string' },
    save: { type: 'string' },
  },
});

const docker = await acquireDocker();
try {
  const { tag, save } = values;
  await buildImage(docker, { tag, buildBase: values['build-base'], runtimeBase: values['runtime-base'] });
  const { unpacked, gzip, zstd } = await imageSize((...args) => docker.ask(args, 300_000), tag);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  process.stdout.write(
    `${tag}: ${megabytes(gzip)} with gzip, ${megabytes(zstd)} with zstd, ${megabytes(unpacked)} unpacked\n`,
  );
  if (save) await docker.ask(['save', '--output', save, tag], 300_000);
} finally {
  await docker.stop();
}
