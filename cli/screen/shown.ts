import type { ExitCode } from '../outcome.ts';

/** What a text means; colours follow from it, where there are any. */
export type Tone = 'good' | 'bad' | 'warn' | 'faint' | 'strong';

export type Cell = string | { readonly text: string; readonly tone: Tone };

export interface Column {
  readonly title: string;
  /** Numbers are aligned to the right. */
  readonly right?: true;
}

/** What is shown to a person, from top to bottom. Texts may come from outside: the screen makes them harmless. */
export type Block =
  | { readonly kind: 'text'; readonly text: string; readonly tone?: Tone }
  | { readonly kind: 'heading'; readonly text: string }
  | {
      readonly kind: 'table';
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly Cell[])[];
      /** In the place of a table without rows. */
      readonly none: string;
    }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: Cell])[] };

/** What a command found or did: for programs and for people. */
export interface Shown {
  readonly exitCode: ExitCode;
  /** What `--json` prints: exact, with decimals as texts. */
  readonly document: unknown;
  readonly blocks: readonly Block[];
  /** Goes on after it was shown, until somebody ends it. */
  readonly afterwards?: (ended: Promise<void>) => Promise<void>;
}

export const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);
export const toneOf = (cell: Cell): Tone | undefined => (typeof cell === 'string' ? undefined : cell.tone);
