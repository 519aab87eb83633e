import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../infra/bundle/bundle.ts';

export const documentNamed = (name: string): string => readFileSync(join(PROJECT, 'docs', name), 'utf8');

/** What stands between ```sh and ```, without the indentation of a list. */
export const shellBlocks = (document: string): readonly string[] =>
  [...document.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );

export interface DocumentedCall {
  readonly functionName: string;
  readonly event: string;
}

/** `invoke exit '{…}'`, wherever a document says it. */
export const documentedCalls = (document: string): readonly DocumentedCall[] =>
  [...document.matchAll(/\binvoke ([a-z-]+) '(\{.*?\})'/g)].map(([, functionName = '', event = '']) => ({
    functionName,
    event,
  }));

/** The first cells of all tables, without their code marks. */
export const firstCells = (document: string): readonly string[] =>
  document
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));

/** The part of a document under a heading, up to the next one of the same rank or a higher one. */
export const sectionOf = (document: string, heading: string): string => {
  const rank = heading.indexOf(' ');
  const lines = document.split('\n');
  const from = lines.indexOf(heading);
  if (from < 0) throw new Error(`the document has no such heading (given '${heading}')`);
  const length = lines.slice(from + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= rank);
  return lines.slice(from, length < 0 ? undefined : from + 1 + length).join('\n');
};

/** Headings as links name them. */
export const anchors = (document: string): readonly string[] =>
  document
    .split('\n')
    .filter((line) => /^#+ /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
