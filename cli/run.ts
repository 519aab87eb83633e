import { Command, CommanderError } from 'commander';
import * as z from 'zod';
import type { AwsEnv } from '../shared/aws/client-config.ts';
import type { Ask } from './asking/ask.ts';
import { type Does, parsedOptions } from './command.ts';
import { COMMANDS } from './commands/all.ts';
import { CommandFailed, EXIT_CODES, type ExitCode, Refused, UsageProblem } from './outcome.ts';
import { plain, safeJson } from './screen/plain.ts';
import { progressOn } from './screen/progress.ts';
import { type Place, render } from './screen/render.ts';
import type { Shown } from './screen/shown.ts';
import type { Connected, Target } from './transport/target.ts';

/** A stream as far as the command needs it. */
export interface Output {
  readonly isTerminal: boolean;
  /** Of a terminal, where it is known. */
  readonly columns: number | undefined;
  write(text: string): void;
}

/** All that the command meets outside of itself. */
export interface World {
  readonly out: Output;
  readonly err: Output;
  readonly env: AwsEnv;
  readonly ask: Ask;
  readonly operator: string;
  readInput(): Promise<string>;
  connect(target: Target): Promise<Connected>;
  /** Resolves when somebody wants the command to end, with Ctrl-C, say. */
  ended(): Promise<void>;
}

const zGlobals = z.object({
  stage: z.string().optional(),
  state: z.string().optional(),
  url: z.string().optional(),
  json: z.boolean().default(false),
  yes: z.boolean().default(false),
  color: z.boolean().default(true),
});

/** Where a terminal does not say how wide it is, or says what cannot be. */
const COLUMNS = 100;
const LEAST_COLUMNS = 20;

const columnsOf = ({ columns = COLUMNS }: Output): number => (columns < LEAST_COLUMNS ? COLUMNS : columns);

const ABOUT = `Looks after a deployment of Nija: the runtime on this machine, or a deployed stage.`;

const AFTERWARDS = `
Exit codes:
  0  done
  1  something failed, be it a part; the message says what
  2  the command line does not say what it should; nothing was done
  3  refused: you said no, or nobody could be asked; nothing was done

With --json standard output holds one JSON document and nothing else; of what failed
{"error":{"code","message"}}. Money is exact there, as texts.

Examples:
  $ nija balances                          of all accounts, on this machine
  $ nija balances --stage prod             of a deployed stage
  $ nija exit u-ann --stage prod           sells all that Nija bought for u-ann
  $ nija halt --why "odd prices"           stops all buying
  $ nija help accounts                     about accounts`;

/** Runs one command line to its end. @returns what the process ends with; never throws */
export const runNija = async (argv: readonly string[], world: World): Promise<ExitCode> => {
  let exitCode: ExitCode = EXIT_CODES.done;
  const does: Does = (schema, act) =>
    async function (this: Command) {
      const globals = zGlobals.parse(this.optsWithGlobals());
      const options = parsedOptions(schema, this.opts());
      const connected = await world.connect(globals);
      try {
        const context = {
          functions: connected.functions,
          stage: connected.stage,
          where: whereOf(globals),
          pageUrl: connected.pageUrl,
          keys: connected.keys,
          ask: world.ask,
          progress: progressOn(world.err),
          readInput: world.readInput,
          tell: (blocks: Shown['blocks']) =>
            world.err.write(render(blocks, placeOf(world.err, world.env, globals.color))),
          operator: world.operator,
          yes: globals.yes,
        };
        const shown = await act(context, this.args, options);
        exitCode = shown.exitCode;
        world.out.write(
          globals.json
            ? `${safeJson(shown.document)}\n`
            : render(shown.blocks, placeOf(world.out, world.env, globals.color)),
        );
        await shown.afterwards?.(world.ended());
      } finally {
        connected.stop();
      }
    };
  try {
    await program(does, world).parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return ended(error, argv, world);
  }
};

const whereOf = ({ stage, state, url }: Target): string =>
  Object.entries({ stage, state, url })
    .map(([name, value]) => (value === undefined ? '' : ` --${name} ${quoted(value)}`))
    .join('');

/** As a shell reads one word. */
const quoted = (text: string): string =>
  /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const placeOf = (output: Output, env: AwsEnv, wanted: boolean): Place => {
  const { NO_COLOR = '', TERM } = env;
  return {
    width: output.isTerminal ? columnsOf(output) : Number.POSITIVE_INFINITY,
    coloured: wanted && output.isTerminal && NO_COLOR === '' && TERM !== 'dumb',
  };
};

const program = (does: Does, world: World): Command => {
  const nija = new Command('nija')
    .description(ABOUT)
    .option('--stage <name>', 'a deployed stage, like prod; without it the runtime on this machine')
    .option('--state <folder>', 'where the runtime on this machine keeps its state (default: .nija)')
    .option('--url <url>', 'where the runtime on this machine answers, instead of what its state says')
    .option('--json', 'the answer as one JSON document on standard output')
    .option('-y, --yes', 'do not ask')
    .option('--no-color', 'no colours (as NO_COLOR in the environment)')
    .addHelpText('after', AFTERWARDS)
    .configureHelp({ showGlobalOptions: true, helpWidth: columnsOf(world.out) })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.out.write(text),
      writeErr: (text) => world.err.write(text),
      // Said below, with what else goes wrong.
      outputError: () => undefined,
    });
  for (const add of COMMANDS) add(nija, does);
  return nija;
};

const ended = (error: unknown, argv: readonly string[], world: World): ExitCode => {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.done;
  const { code, message, exitCode } = judged(error);
  // Without a command, the help has been shown already.
  if (message !== undefined) {
    world.err.write(
      `${message
        .split('\n')
        .map((line, at) => `${at === 0 ? 'nija: ' : '  '}${plain(line)}\n`)
        .join('')}`,
    );
  }
  if (argv.includes('--json'))
    world.out.write(`${safeJson({ error: { code, message: message ?? 'name a command' } })}\n`);
  return exitCode;
};

interface Judged {
  readonly code: string;
  readonly message: string | undefined;
  readonly exitCode: ExitCode;
}

const judged = (error: unknown): Judged => {
  if (error instanceof UsageProblem)
    return {
      code: 'USAGE',
      message: `${error.message}. See nija --help, or help with the name of a command`,
      exitCode: EXIT_CODES.usage,
    };
  if (error instanceof CommanderError) {
    const told =
      error.code === 'commander.help'
        ? undefined
        : error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    return {
      code: 'USAGE',
      message:
        told === undefined ? undefined : `${told}. See nija --help, or help with the name of a command`,
      exitCode: EXIT_CODES.usage,
    };
  }
  if (error instanceof Refused)
    return { code: 'REFUSED', message: error.message, exitCode: EXIT_CODES.refused };
  if (error instanceof CommandFailed)
    return { code: error.code, message: error.message, exitCode: EXIT_CODES.failed };
  const defect = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'DEFECT', message: defect, exitCode: EXIT_CODES.failed };
};
