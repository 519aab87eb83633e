import { randomBytes, randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { FunctionName } from '../../infra/functions/specs.ts';
import type { PageServer } from '../../page/server/page-server.ts';
import { type AddCommand, examples } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT_CODES } from '../outcome.ts';
import type { Shown } from '../screen/shown.ts';
import { CallFailed } from '../transport/functions.ts';
import { openInBrowser, openUnseen } from './open-in-browser.ts';

const zOptions = z.object({
  port: z.coerce.number().int().min(1).max(65_535).optional(),
  open: z.boolean().default(false),
});

export const addDashboard: AddCommand = (program, does) => {
  program
    .command('dashboard')
    .summary('the page to look at, in a browser of this machine')
    .description(
      'Tells the address of the page that the runtime on this machine serves. For a stage it serves the page itself until Ctrl-C, on 127.0.0.1 and with your own rights; the CloudWatch dashboard shows the same.',
    )
    .option('--port <n>', 'serve it here, until Ctrl-C')
    .option('--open', 'open it in the browser')
    .addHelpText('after', examples('dashboard', 'dashboard --stage prod --open'))
    .action(
      does(zOptions, async (context, _args, { port, open }) => {
        if (context.pageUrl !== undefined && port === undefined) {
          if (open) openInBrowser(context.pageUrl, context);
          return shownOf(context, context.pageUrl, '');
        }
        const server = await serve(context, port);
        const forget = open ? await openUnseen(server.url, context) : undefined;
        return {
          ...shownOf(context, server.url, ' (until Ctrl-C)'),
          afterwards: async (ended) => {
            await ended;
            await context.progress.during(() => 'waiting for exits that go on', server.stop());
            await forget?.();
          },
        };
      }),
    );
};

const shownOf = ({ functions: { target } }: Context, url: string, until: string): Shown => ({
  exitCode: EXIT_CODES.done,
  document: { url, target },
  blocks: [{ kind: 'text', text: `The page of ${target}: ${url}${until}` }],
});

const serve = async (context: Context, port: number | undefined): Promise<PageServer> => {
  const invoke = async (name: FunctionName, event: object): Promise<unknown> => {
    const answer = await context.functions.invoke(name, event);
    if (!answer.ok) throw new CallFailed(answer.failure);
    return answer.value;
  };
  // Only here: no other command needs the page.
  const { PagePortTaken, startPageServer } = await import('../../page/server/page-server.ts');
  try {
    return await startPageServer({
      source: {
        ask: async (request) => await invoke('view', request),
        now: () => Date.now(),
        report: (part, error) => {
          const why = error instanceof Error ? error.message : String(error);
          context.tell([{ kind: 'text', tone: 'bad', text: `${part}: ${why}` }]);
        },
      },
      callExit: async (event) => await invoke('exit', event),
      newId: () => randomUUID(),
      secret: randomBytes(32).toString('hex'),
      // It acts with the rights of whoever started it.
      byInvitation: true,
      ...(port === undefined ? {} : { port }),
    });
  } catch (error) {
    if (error instanceof PagePortTaken)
      throw new CommandFailed('PORT_TAKEN', error.message, { cause: error });
    throw error;
  }
};
