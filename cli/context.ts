import type { Ask } from './asking/ask.ts';
import type { Progress } from './screen/progress.ts';
import type { Block } from './screen/shown.ts';
import type { Functions } from './transport/functions.ts';
import type { Keys } from './transport/keys.ts';

/** What a command is given, whatever deployment it is used on. */
export interface Context {
  readonly functions: Functions;
  /** `local` for a runtime on this machine. */
  readonly stage: string;
  /** The options that name this deployment again, in a line to be copied: ` --stage prod`; empty for the usual one. */
  readonly where: string;
  /** Where the page is served already. */
  readonly pageUrl: string | undefined;
  readonly keys: () => Promise<Keys>;
  readonly ask: Ask;
  readonly progress: Progress;
  /** All of standard input. */
  readonly readInput: () => Promise<string>;
  /** To a person, beside the answer: on standard error. */
  readonly tell: (blocks: readonly Block[]) => void;
  /** Who is named in audit trails unless told. */
  readonly operator: string;
  /** Nothing is asked. */
  readonly yes: boolean;
}
