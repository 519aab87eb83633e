import type { Command } from 'commander';
import * as z from 'zod';
import type { Context } from './context.ts';
import { UsageProblem } from './outcome.ts';
import type { Shown } from './screen/shown.ts';

/** What a command does with its arguments and its own options. */
export type Act<Options> = (context: Context, args: readonly string[], options: Options) => Promise<Shown>;

/** Makes an action of it: reads the options, connects, shows what came of it. */
export type Does = <Schema extends z.ZodType>(
  options: Schema,
  act: Act<z.output<Schema>>,
) => (this: Command) => Promise<void>;

/** Adds a command to the program. */
export type AddCommand = (program: Command, does: Does) => void;

export const noOptions = z.object({});

/** As every help ends. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ nija ${line}`).join('\n')}`;

/** Options that may be given more than once. */
export const collected = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

const asGiven = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** @param what how the help names it. @throws UsageProblem */
export const parsed = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UsageProblem(
    `${what}: ${[...new Set(result.error.issues.map(({ message }) => message))].join('; ')} (given '${asGiven(value)}')`,
  );
};

/** @throws UsageProblem naming the option */
export const parsedOptions = <Schema extends z.ZodType>(
  schema: Schema,
  options: Readonly<Record<string, unknown>>,
): z.output<Schema> => {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = String(issue?.path[0] ?? '');
  const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new UsageProblem(`${flag}: ${issue?.message ?? 'is not valid'} (given '${asGiven(options[name])}')`);
};

/** `--by`, `--why`: of every command that changes something. */
export const zAskedBy = { by: z.string().optional(), why: z.string().optional() };
export const withAskedBy = (command: Command): Command =>
  command
    .option('--by <name>', 'who asks: kept with the change; your user name unless told')
    .option('--why <text>', 'why: kept with the change');
