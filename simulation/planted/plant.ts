import { registerHooks } from 'node:module';
import type { Edit, PlantedBug } from './bug.ts';

const ROOT = new URL('../../', import.meta.url);

/** The bug is not in what runs: a text has changed, or a file is not used. What does not find it proves nothing then. */
export class NotPlanted extends Error {
  override readonly name = 'NotPlanted';
}

/** @throws NotPlanted where the text to be replaced does not stand there exactly once */
export const edited = (text: string, { file, find, replace }: Edit, bug: string): string => {
  const times = text.split(find).length - 1;
  if (times !== 1)
    throw new NotPlanted(
      `the bug '${bug}' replaces what stands exactly once in ${file}: adapt it to the file as it is now (given '${find}', found ${times} times)`,
    );
  return text.replace(find, () => replace);
};

/**
 * From now on this thread loads the bug's files with the bug in them. To be called before anything is imported that
 * uses them.
 *
 * @returns to be called when all is loaded. @throws NotPlanted where one of the files was not
 */
export const plant = ({ name, edits }: Pick<PlantedBug, 'name' | 'edits'>): (() => void) => {
  const byUrl = Map.groupBy(edits, ({ file }) => new URL(file, ROOT).href);
  const missing = new Set(byUrl.keys());
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const here = byUrl.get(url);
      if (here === undefined) return loaded;
      const source = loaded.source ?? '';
      const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
      missing.delete(url);
      return { ...loaded, source: here.reduce((before, edit) => edited(before, edit, name), text) };
    },
  });
  return () => {
    if (missing.size > 0)
      throw new NotPlanted(
        `nothing has loaded ${[...missing].join(', ')} since the bug '${name}' was planted: it is loaded already, or not used`,
      );
  };
};
