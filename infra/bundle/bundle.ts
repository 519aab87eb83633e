import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { BUNDLE_FILE, BUNDLE_SETTINGS } from './settings.ts';
import { stubPlugin } from './stub-plugin.ts';

export const PROJECT = resolve(import.meta.dirname, '../..');
const FUNCTIONS = 'functions';
const HANDLER = 'handler.ts';
export const DEFAULT_FOLDER = join(PROJECT, 'dist', FUNCTIONS);

export interface FunctionBundle {
  readonly name: string;
  /** An ES module that exports `handler`. */
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** What was read and what imports what; paths from the project's root. */
  readonly metafile: Metafile;
}

/** There is no such function, or esbuild could not make its bundle. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/** All functions: the folders that have a handler. */
export const functionNames = (): readonly string[] =>
  readdirSync(join(PROJECT, FUNCTIONS), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(PROJECT, FUNCTIONS, entry.name, HANDLER)))
    .map(({ name }) => name)
    .sort();

/**
 * Makes `<folder>/<name>/index.mjs`.
 * @throws BundleError
 */
export const bundleFunction = async (name: string, folder = DEFAULT_FOLDER): Promise<FunctionBundle> => {
  const known = functionNames();
  if (!known.includes(name)) {
    throw new BundleError(
      `there is no function of this name; there are ${known.join(', ')} (given '${name.slice(0, 80)}')`,
    );
  }
  const file = join(folder, name, BUNDLE_FILE);
  try {
    const { metafile } = await build({
      ...BUNDLE_SETTINGS,
      external: [...BUNDLE_SETTINGS.external],
      mainFields: [...BUNDLE_SETTINGS.mainFields],
      absWorkingDir: PROJECT,
      entryPoints: [join(FUNCTIONS, name, HANDLER)],
      outfile: file,
      plugins: [stubPlugin],
      metafile: true,
      logLevel: 'silent',
    });
    const code = readFileSync(file);
    return { name, file, bytes: code.length, gzipBytes: gzipSync(code).length, metafile };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new BundleError(`the function ${name} cannot be bundled into '${file}': ${said}`, { cause: error });
  }
};

/** All of them. @throws BundleError */
export const bundleFunctions = async (folder = DEFAULT_FOLDER): Promise<readonly FunctionBundle[]> =>
  await Promise.all(functionNames().map((name) => bundleFunction(name, folder)));

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
  const folder = values.out === undefined ? DEFAULT_FOLDER : resolve(values.out);
  const names = positionals.length === 0 ? functionNames() : positionals;
  for (const name of names) {
    const { file, bytes, gzipBytes } = await bundleFunction(name, folder);
    process.stdout.write(`${name}  ${bytes} bytes, ${gzipBytes} gzipped  ${file}\n`);
  }
};

if (import.meta.main) {
  await main().catch((error: unknown) => {
    if (!(error instanceof BundleError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
