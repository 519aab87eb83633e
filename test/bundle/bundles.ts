import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions, type FunctionBundle } from '../../infra/bundle/bundle.ts';

export interface Bundles {
  readonly all: readonly FunctionBundle[];
  named(name: string): FunctionBundle;
  remove(): void;
}

/** Every function, bundled into a folder of its own. */
export const makeBundles = async (): Promise<Bundles> => {
  const folder = mkdtempSync(join(tmpdir(), 'nija-bundles-'));
  const all = await bundleFunctions(folder);
  return {
    all,
    named: (name) => {
      const found = all.find((bundle) => bundle.name === name);
      if (found === undefined) throw new Error(`no bundle was made of '${name}'`);
      return found;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
