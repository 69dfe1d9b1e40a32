import { dot } from '../../catalog/dot.ts';
import { mermaid } from '../../catalog/mermaid.ts';
import type { Catalog, Connections } from '../../catalog/model.ts';
import { pictureOf } from '../../catalog/picture.ts';
import { printableJson } from '../../core/characters.ts';
import { MigrateError } from '../../errors.ts';
import type { LookContext, Report } from '../context.ts';

const FORMATS = ['mermaid', 'dot', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** Draws what stands in the databases, without what is our own. */
export async function schema({ engines, signal }: LookContext, format: string): Promise<Report> {
  if (!isFormat(format))
    throw new MigrateError('usage', `--format takes ${FORMATS.join(', ')}, not ${JSON.stringify(format)}`, {
      hint: 'for example --format mermaid',
    });
  const databases = await Promise.all(
    engines.map(async (engine) => ({
      ...(await engine.catalog(signal)),
      ...(await engine.connections(signal)),
    })),
  );
  const data = { databases };
  return { kind: 'ok', text: textOf(format, databases), data };
}

function isFormat(format: string): format is Format {
  return FORMATS.some((each) => each === format);
}

function textOf(format: Format, databases: readonly (Catalog & Connections)[]): readonly string[] {
  if (format === 'json') return printableJson({ databases }, 2).split('\n');
  const picture = pictureOf({
    objects: databases.flatMap(({ objects }) => objects),
    connections: {
      labels: databases.flatMap(({ labels }) => labels),
      links: databases.flatMap(({ links }) => links),
    },
  });
  return format === 'dot' ? dot(picture) : mermaid(picture);
}
