import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import { createHandler } from '../../functions/view/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { documentClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { type ViewAnswerOf, type ViewQueryName, viewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { iso, MINUTE } from '../../shared/time/clock.ts';
import { openProtectedLab } from '../protection/protected-lab.ts';
import { alwaysBuys, giveCopy, liveMaster } from './causes.ts';

const READERS = { master: ['master-tick'], user: ['copy-worker', 'exit'] };

/** A ledger that real functions have filled, and `view` on it. */
export const openViewWorld = async () => {
  const lab = await openProtectedLab();
  const env = {
    ...lab.env,
    NIJA_CHECK_MINUTES: '15',
    NIJA_SECRET_READERS: JSON.stringify(READERS),
  };
  const commands = new Set<string>();
  const client = documentClient(env);
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (call) => {
        commands.add(String(commandName));
        return await next(call);
      },
    { step: 'initialize', name: 'recordCommands' },
  );
  const handler = createHandler({ ...lab.host, env, clients: { documents: client } });

  const ask = async (event: unknown): Promise<unknown> => {
    const answers: unknown[] = [];
    const remembering: typeof handler = async (...asked) => {
      const answer = await handler(...asked);
      answers.push(answer);
      return answer;
    };
    await invoke({ name: 'view', handler: remembering, timeoutMs: 30_000 }, event);
    return JSON.parse(JSON.stringify(answers[0]));
  };

  /** Answered as a caller gets it: JSON, checked by the contract. */
  const view = async <Name extends ViewQueryName>(
    query: Name,
    more: Record<string, unknown> = {},
  ): Promise<ViewAnswerOf<Name>> => viewAnswerOf(query, await ask({ query, ...more }));

  /** The master buys by a tick, and its trade is published. */
  const masterBuys = async (): Promise<Trade> => {
    const known = new Set((await lab.ledger.trades('m-boss')).map(({ tradeId }) => tradeId));
    lab.clock.advance(MINUTE);
    const scheduledAt = iso(lab.clock.now());
    const input = zTickInput.parse({ accountId: 'm-boss', scheduledAt, periodMs: MINUTE });
    await runTick(input, { ...lab.process(), strategy: () => alwaysBuys });
    const trade = (await lab.ledger.trades('m-boss')).find(({ tradeId }) => !known.has(tradeId));
    if (trade === undefined) throw new Error('the tick published no trade');
    return trade;
  };

  return {
    lab,
    view,
    ask,
    commands,
    masterBuys,
    openMaster: async () => await lab.openAccount('master', { ...liveMaster, accountId: 'm-boss' }),
    copy: async (accountId: string, trade: Trade) =>
      await runCopy(await giveCopy(lab, accountId, trade), lab.process()),
    /** One field of an item becomes what no schema takes; its keys, and those of indexes, stay. */
    damage: async (pk: string, sk: string): Promise<void> => {
      const Key = { pk, sk };
      const { client: own, table: TableName } = lab.table;
      const { Item } = await own.send(new GetCommand({ TableName, Key }));
      await own.send(new PutCommand({ TableName, Item: { ...Item, ...Key, accountId: 7 } }));
    },
    user: async (accountId: string, more: Record<string, unknown> = {}): Promise<string> =>
      (await lab.openAccount('user', { accountId, balances: { USD: '10000' }, ...more })).accountId,
    stop: async (): Promise<void> => {
      client.destroy();
      await lab.stop();
    },
  };
};
export type ViewWorld = Awaited<ReturnType<typeof openViewWorld>>;
