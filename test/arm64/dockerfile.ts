import { readFile } from 'node:fs/promises';

export interface Instruction {
  /** `RUN` */
  readonly name: string;
  readonly text: string;
}

/** The instructions of a Dockerfile, stage by stage; those before the first FROM are left out. */
export async function stagesOf(path: string): Promise<readonly (readonly Instruction[])[]> {
  const text = (await readFile(path, 'utf8')).replace(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  const stages: Instruction[][] = [];
  for (const [, name = '', rest = ''] of text.matchAll(/^([A-Z]+)\s+(.*)$/gm)) {
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, text: rest });
  }
  return stages;
}
