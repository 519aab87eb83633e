import { plain } from './plain.ts';

/** Says on standard error what is waited for, once it takes longer than a second. */
export interface Progress {
  /** @param label what is done, and how far it is: asked anew for each line */
  during<T>(label: () => string, work: Promise<T>): Promise<T>;
}

const FIRST_MS = 1_000;
/** On a terminal the line is rewritten; elsewhere a line is added now and then. */
const AGAIN_MS = { terminal: 1_000, elsewhere: 10_000 } as const;
const ERASE_LINE = '\r\u001b[2K';

export const progressOn = (screen: {
  readonly isTerminal: boolean;
  write(text: string): void;
}): Progress => ({
  during: async (label, work) => {
    const againMs = screen.isTerminal ? AGAIN_MS.terminal : AGAIN_MS.elsewhere;
    let waitedMs = FIRST_MS;
    let shown = false;
    const say = (): void => {
      const line = `${plain(label())} (${Math.round(waitedMs / 1_000)} s)`;
      screen.write(screen.isTerminal ? `${ERASE_LINE}${line}` : `${line}\n`);
      shown = true;
      waitedMs += againMs;
      timer = setTimeout(say, againMs);
    };
    let timer = setTimeout(say, FIRST_MS);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
      if (shown && screen.isTerminal) screen.write(ERASE_LINE);
    }
  },
});
