import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'esbuild';
import { STUB_FILE, STUBBED } from './settings.ts';

const SOURCE = join('node_modules', 'ccxt', 'js', 'src') + sep;

const within = (path: string, parts: readonly string[]): boolean =>
  parts.some((part) => path === part || path.startsWith(`${part}/`) || path.startsWith(`${part}.`));

/** Whether this import of a ccxt file is of a part that is not used. */
const isUnused = (path: string, importer: string): boolean => {
  if (!path.startsWith('.')) return within(path, STUBBED.packages);
  const end = importer.lastIndexOf(SOURCE) + SOURCE.length;
  const file = relative(importer.slice(0, end), resolve(dirname(importer), path));
  return within(file.split(sep).join('/'), STUBBED.ccxt);
};

/** Replaces what STUBBED names, where ccxt imports it. Whoever else imports such a package gets the real one. */
export const stubPlugin: Plugin = {
  name: 'stub-unused-parts',
  setup: (build) => {
    build.onResolve({ filter: /./ }, ({ path, importer }) =>
      importer.includes(SOURCE) && isUnused(path, importer) ? { path: STUB_FILE } : undefined,
    );
  },
};
