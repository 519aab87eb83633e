import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../context.ts';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'open', win32: 'explorer' };

/** The address was printed: where no browser can be opened, that is enough. */
export const openInBrowser = (place: string, context: Context): void => {
  const opener = spawn(OPENERS[process.platform] ?? 'xdg-open', [place], { stdio: 'ignore', detached: true });
  opener.once('error', ({ message }) =>
    context.tell([
      {
        kind: 'text',
        tone: 'warn',
        text: `No browser could be opened (${message}): open the address yourself.`,
      },
    ]),
  );
  opener.unref();
};

/**
 * The same for an address with a key: what a program is called with, everybody on the machine can see. So the browser
 * gets a file of this user's alone, which leads there. Some browsers see no such files.
 *
 * @returns takes the file away
 */
export const openUnseen = async (url: string, context: Context): Promise<() => Promise<void>> => {
  const noted = (what: string) => (error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    context.tell([{ kind: 'text', tone: 'warn', text: `${what} (${why})` }]);
    return undefined;
  };
  const folder = await mkdtemp(join(tmpdir(), 'nija-page-')).catch(
    noted('No browser was opened: open the address yourself'),
  );
  if (folder === undefined) return async () => undefined;
  const file = join(folder, 'open.html');
  const leads = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${url}"><title>Nija</title>`;
  const isWritten = await writeFile(file, leads, { mode: 0o600 }).then(
    () => true,
    noted('No browser was opened: open the address yourself'),
  );
  if (isWritten === true) {
    openInBrowser(file, context);
    const text = 'If the browser shows nothing, open the address yourself.';
    context.tell([{ kind: 'text', text }]);
  }
  return async () =>
    await rm(folder, { recursive: true, force: true }).catch(noted(`${folder} is left: delete it`));
};
