import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../../functions/copy-worker/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

/** Delivers a message as the queue does; gives the answer and the figures. */
const deliver = async (body: string) => {
  const before = lab.lines.length;
  const record = {
    messageId: 'message-1',
    body,
    attributes: { MessageGroupId: 'u-1' },
    eventSource: 'aws:sqs',
  };
  const fn = { name: 'copy-worker', handler: createHandler(lab.host), timeoutMs: 30_000 };
  const answer = await invoke<unknown>(fn, { Records: [record] });
  const figures = lab.lines
    .slice(before)
    .filter(({ level }) => level === 'metric')
    .map(({ message, fields }) => [message, fields]);
  return { answer, figures };
};
const GIVEN_BACK = { batchItemFailures: [{ itemIdentifier: 'message-1' }] };

describe('a copy that is left for another delivery', () => {
  it('is counted with its account, its trade and what was in the way', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now(), { side: 'SELL' }));
    const text = 'EService:Unavailable';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'BalanceEx', accountId });

    const { answer, figures } = await deliver(JSON.stringify(message));

    expect(answer).toEqual(GIVEN_BACK);
    expect(figures).toMatchObject([
      [
        'CopyUnfinished',
        { account: accountId, trade: message.tradeId, messageId: 'message-1', error: 'ExchangeError' },
      ],
    ]);
    expect((await lab.ledger.copies.get(accountId, message.tradeId))?.outcome).toBeUndefined();
  });

  it('is counted also where the message says nothing of an account', async () => {
    const { answer, figures } = await deliver('hello');

    expect(answer).toEqual(GIVEN_BACK);
    expect(figures).toMatchObject([['CopyUnfinished', { messageId: 'message-1', error: 'InvalidInput' }]]);
  });

  it('is no longer counted once it has ended', async () => {
    const { accountId } = await lab.openAccount('user');
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now(), { side: 'SELL' }));

    const { answer, figures } = await deliver(JSON.stringify(message));

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(figures.map(([name]) => name)).toEqual(['CopySkipped']);
  });
});
