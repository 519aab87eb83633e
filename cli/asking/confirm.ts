import type { Context } from '../context.ts';
import { Refused } from '../outcome.ts';
import type { Block } from '../screen/shown.ts';

/** What a command is about to do: one sentence each. */
export interface Intent {
  /** `sell all that Nija bought for u-ann` */
  readonly does: string;
  readonly shows?: () => Promise<readonly Block[]>;
}

/**
 * Says what will be done, and where, and asks; with `--yes` neither.
 *
 * @throws Refused where the answer is no, or nobody can be asked
 */
export const confirmed = async (context: Context, { does, shows }: Intent): Promise<void> => {
  if (context.yes) return;
  const { target } = context.functions;
  if (!context.ask.possible)
    throw new Refused(
      `this would ${does}, on ${target}, and there is no terminal to ask at: nothing was done. Say --yes to do it without being asked`,
    );
  context.tell([...((await shows?.()) ?? []), { kind: 'text', text: `This will ${does}, on ${target}.` }]);
  if (!(await context.ask.confirm('Go on?'))) throw new Refused('answered no: nothing was done');
};

/** Who asks for a change, and why: both are kept with it. */
export const whoAndWhy = async (
  context: Context,
  options: { readonly by?: string | undefined; readonly why?: string | undefined },
): Promise<{ readonly by: string; readonly why: string }> => {
  const by = options.by ?? context.operator;
  const asks = options.why === undefined && !context.yes && context.ask.possible;
  const why = asks ? await context.ask.text('Why? It is kept with the change.') : options.why;
  return { by, why: why?.trim() || 'no reason was given' };
};
