import { rm } from 'node:fs/promises';
import * as z from 'zod';
import { readJson, writeJson } from './json-file.ts';
import type { StateFolder } from './state-folder.ts';

/** What a runtime that answers calls tells other programs of this machine. */
export const zServing = z.strictObject({
  pid: z.int().positive(),
  /** Lambda's Invoke call, with `<name>` in the place of the function's. */
  url: z.url(),
  /** Where the operator stores keys, and the access key id under which. */
  secretsEndpoint: z.url(),
  operator: z.string().min(1),
});
export type Serving = z.infer<typeof zServing>;

/** Says where this process answers, until it is withdrawn. */
export const announceServing = async (
  state: Pick<StateFolder, 'file'>,
  where: Omit<Serving, 'pid'>,
): Promise<{ withdraw(): Promise<void> }> => {
  const file = state.file('serving');
  await writeJson(file, { pid: process.pid, ...where } satisfies Serving);
  return { withdraw: async () => await rm(file, { force: true }) };
};

/**
 * Undefined where nobody serves this state: never announced, withdrawn, or ended without a word.
 *
 * @throws SyntaxError, ZodError where the file is damaged
 */
export const readServing = async (file: string): Promise<Serving | undefined> => {
  const content = await readJson(file);
  if (content === undefined) return undefined;
  const serving = zServing.parse(content);
  return isAlive(serving.pid) ? serving : undefined;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};
