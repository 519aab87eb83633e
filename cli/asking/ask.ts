import { Refused } from '../outcome.ts';

/** Questions to a person at a terminal; they and the answers go nowhere else. */
export interface Ask {
  /** Whether there is somebody to ask. */
  readonly possible: boolean;
  /** Yes is never the answer that comes from pressing return. */
  confirm(question: string): Promise<boolean>;
  text(question: string): Promise<string>;
  /** Nothing of the answer is shown. */
  secret(question: string): Promise<string>;
}

/** Asked by way of standard error, so that standard output holds the answer alone. */
export const terminalAsk = (streams: {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}): Ask => {
  const { input, output } = streams;
  const prompts = async () => await import('@inquirer/prompts');
  return {
    possible: input.isTTY === true && output.isTTY === true,
    confirm: async (message) => {
      const { confirm } = await prompts();
      return await answered(confirm({ message, default: false }, { input, output }));
    },
    text: async (message) => {
      const { input: ask } = await prompts();
      return await answered(ask({ message }, { input, output }));
    },
    secret: async (message) => {
      const { password } = await prompts();
      return await answered(password({ message, mask: false, toggleMask: false }, { input, output }));
    },
  };
};

/** @throws Refused where the person leaves with Ctrl-C, or the terminal closes */
const answered = async <T>(prompt: Promise<T>): Promise<T> => {
  try {
    return await prompt;
  } catch (error) {
    if (error instanceof Error && /^(ExitPrompt|AbortPrompt|CancelPrompt)Error$/.test(error.name))
      throw new Refused('left without an answer: nothing was done', { cause: error });
    throw error;
  }
};
