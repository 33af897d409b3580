import { readFile } from 'node:fs/promises';

/** Contents of the fenced blocks of one language in a Markdown file. */
export async function fencedBlocks(file: string, language: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(fence)].map(([, block = '']) => block);
}

/** The commands that a Markdown file tells to type, in order: one per line of its `sh` blocks. */
export async function shellCommands(file: string): Promise<string[]> {
  const blocks = await fencedBlocks(file, 'sh');
  return blocks.flatMap((block) => block.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')));
}

/** Targets of the links of a Markdown file that lead to files, without their anchors. */
export async function localLinks(file: string): Promise<string[]> {
  const text = (await readFile(file, 'utf8')).replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
}
