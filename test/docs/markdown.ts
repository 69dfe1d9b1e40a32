/** A fenced block of a document. */
export interface Block {
  /** What stands behind the fence: `sh`, `text`, … */
  readonly info: string;
  readonly text: string;
  /** The heading that it stands under. */
  readonly heading: string;
  /** The line of its fence, counted from 1. */
  readonly line: number;
}

/** Blocks between ``` fences, as all documents here write them. */
export function blocksOf(document: string): readonly Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: { readonly info: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [index, line] of document.split('\n').entries()) {
    if (open === undefined) {
      heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
      const info = /^```(.*)$/.exec(line)?.[1];
      if (info !== undefined) open = { info, line: index + 1, lines: [] };
    } else if (line === '```') {
      blocks.push({ info: open.info, text: `${open.lines.join('\n')}\n`, heading, line: open.line });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  if (open !== undefined) throw new Error(`the block in line ${open.line} is never closed`);
  return blocks;
}

/** A document without its fenced blocks. */
export function proseOf(document: string): string {
  return document.replace(/^```.*\n[\s\S]*?^```$/gm, '');
}

/** The texts between single backticks. */
export function inlineCodeOf(document: string): readonly string[] {
  return [...proseOf(document).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** Where links lead, images too. */
export function linksOf(document: string): readonly string[] {
  const prose = proseOf(document).replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** The anchors that a document's headings have, as GitHub makes them, and those that are written out. */
export function anchorsOf(document: string): ReadonlySet<string> {
  const headings = [...proseOf(document).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  const written = [...proseOf(document).matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id);
  return new Set([
    ...written,
    ...headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  ]);
}
