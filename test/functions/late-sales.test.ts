import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runAdopt } from '../../functions/adopt/adopt.ts';
import { zAdoptInput } from '../../functions/adopt/adopt-contract.ts';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { withConnection } from '../../shared/account/connect.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { documentClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { settleDoubtful } from '../../shared/ledger/settle-doubtful.ts';
import { fraction, quantity } from '../../shared/money/money.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from './books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  lab.simulator.faults.clear();
  lab.clock.advance(HOUR);
  await bossIsHealthy(lab);
});

type Message = Awaited<ReturnType<typeof giveCopy>>;

/** A trade that is published now; its copy waits for its message. */
const publish = async (accountId: string, changes: Partial<Trade> = {}): Promise<Message> => {
  lab.clock.advance(MINUTE);
  return await giveCopy(lab, accountId, bossTrade(lab.clock.now(), changes));
};
const sale = (share: string) => ({ side: 'SELL', soldFraction: fraction(share) }) as const;
const deliver = async (message: Message) => await runCopy(message, lab.process());
const copy = async (accountId: string, changes: Partial<Trade> = {}) =>
  await deliver(await publish(accountId, changes));
/** What one copied BUY buys. */
const buy = async (accountId: string): Promise<string> => {
  const outcome = await copy(accountId);
  if (outcome.state !== 'FILLED') throw new Error(`the BUY ended ${outcome.state}: ${outcome.reason}`);
  return outcome.quantity.toFixed();
};
const exit = async (accountId: string) => {
  lab.clock.advance(MINUTE);
  await runExit(zExitInput.parse({ accountId }), lab.process());
};
const check = async (accountId: string) => {
  lab.clock.advance(MINUTE);
  return await redriveWork(accountId, { mayGoOn: () => true, patienceMs: () => 20_000 }, lab.process());
};
/** What a check does first: finds out how orders in doubt ended, and records what they did. */
const settleAll = async (accountId: string): Promise<void> => {
  const account = await lab.ledger.accounts.get(accountId);
  if (account === undefined) throw new Error(`nobody is registered as ${accountId}`);
  const ports = lab.process();
  const terms = { holder: 'check', priority: 'normal', waitMs: MINUTE } as const;
  await withConnection(account, terms, ports, async (connection) => {
    await settleDoubtful(accountId, undefined, connection, ports);
  });
};
const refusedOnce = (accountId: string) =>
  lab.simulator.faults.inject({
    kind: 'ERROR_TEXT',
    text: 'EOrder:Insufficient funds',
    endpoint: 'AddOrder',
    accountId,
  });
const owner = async (position?: string): Promise<string> => {
  const { accountId } = await lab.openAccount('user');
  if (position !== undefined) await lab.givePosition(accountId, BTC, position);
  return accountId;
};
const sold = (accountId: string) =>
  ordersAtExchange(lab, accountId)
    .filter(({ side, filled }) => side === 'SELL' && filled !== '0')
    .map(({ filled }) => filled);

describe('a SELL that is delivered hours late', () => {
  it('leaves a position alone that was opened anew since, and says so', async () => {
    const accountId = await owner('0.02');
    const late = await publish(accountId, sale('1'));
    await exit(accountId);
    const bought = await buy(accountId);
    lab.clock.advance(3 * HOUR);

    const outcome = await deliver(late);

    expect(outcome).toMatchObject({
      state: 'SKIPPED',
      reason: 'NO_POSITION',
      detail: expect.stringContaining('came after this trade'),
    });
    expect(heldAtExchange(lab, accountId, BTC)).toBe(bought);
    expect(sold(accountId)).toEqual(['0.02']);
  });

  it('sells its share of what was held before its trade, and nothing of what was bought for later ones', async () => {
    const accountId = await owner('0.02');
    const late = await publish(accountId, sale('0.5'));
    await buy(accountId);
    await buy(accountId);
    lab.clock.advance(3 * HOUR);

    expect(await deliver(late)).toMatchObject({ state: 'FILLED' });

    expect(sold(accountId)).toEqual(['0.01']);
    await expectLedgerAsExchange(lab, accountId, BTC, 'late');
  });

  it('sells all that was bought for trades before it, though that was filled after it', async () => {
    const accountId = await owner();
    const [early, late] = [await publish(accountId), await publish(accountId, sale('1'))];
    await deliver(early);
    const bought = heldAtExchange(lab, accountId, BTC);
    const newer = await buy(accountId);

    await deliver(late);

    expect(sold(accountId)).toEqual([bought]);
    expect(heldAtExchange(lab, accountId, BTC)).toBe(newer);
  });

  it('leaves what it would have left in time, where a later SELL came first', async () => {
    const accountId = await owner('0.02');
    const late = await publish(accountId, sale('0.5'));
    const newer = quantity(await buy(accountId));
    await copy(accountId, sale('0.5'));

    await deliver(late);

    expect(sold(accountId)[1]).toBe('0.005');
    const left = quantity(heldAtExchange(lab, accountId, BTC));
    expect(left.minus(newer.div(2)).minus('0.005').abs().lte('0.00000001')).toBe(true);
  });

  it('does not sell what its owner put under management since', async () => {
    const accountId = await owner('0.02');
    const late = await publish(accountId, sale('1'));
    lab.clock.advance(MINUTE);
    lab.simulator.deposit(accountId, 'BTC', '0.3');
    const asked = { requestId: 'mine', by: 'Ann', why: 'my old coins', costPerUnit: '20000' };
    const adoption = { action: 'adopt', accountId, symbol: BTC, quantity: '0.3', ...asked };
    await runAdopt(zAdoptInput.parse(adoption), lab.process());

    await deliver(late);

    expect(sold(accountId)).toEqual(['0.02']);
    await expect(copy(accountId, sale('1'))).resolves.toMatchObject({ state: 'FILLED' });
    expect(sold(accountId)).toEqual(['0.02', '0.3']);
  });

  it('sells once, however often it is delivered', async () => {
    const accountId = await owner('0.02');
    const late = await publish(accountId, sale('0.5'));
    await buy(accountId);

    await deliver(late);
    await deliver(late);

    expect(sold(accountId)).toEqual(['0.01']);
  });

  it('owes no newer coins where its account cannot be used', async () => {
    const accountId = await owner('0.02');
    const late = await publish(accountId, sale('1'));
    await buy(accountId);
    await lab.deleteSecret(accountId);

    const outcome = await deliver(late);

    expect(outcome).toMatchObject({ state: 'FAILED', reason: 'ACCOUNT_UNUSABLE' });
    const owed = (await lab.ledger.copies.get(accountId, late.tradeId))?.owed;
    expect(owed?.remaining?.toFixed()).toBe('0.02');
  });

  it('owes nothing more where its order has sold, a check has recorded that, and the key was revoked since', async () => {
    const accountId = await owner('0.04');
    const message = await publish(accountId, sale('0.5'));
    const text = 'EAPI:Rate limit exceeded';
    const times = Number.POSITIVE_INFINITY;
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'QueryOrders', accountId, times });
    await expect(deliver(message)).rejects.toThrow(text);
    lab.simulator.faults.clear();
    await settleAll(accountId);
    await lab.deleteSecret(accountId);

    const outcome = await deliver(message);

    expect(outcome).toMatchObject({ state: 'FAILED', reason: 'ACCOUNT_UNUSABLE' });
    expect(sold(accountId)).toEqual(['0.02']);
    expect((await lab.ledger.copies.get(accountId, message.tradeId))?.owed).toBeUndefined();
  });

  it('owes nothing where its account cannot be used and all that is held came later', async () => {
    const accountId = await owner('0.02');
    const late = await publish(accountId, sale('1'));
    await exit(accountId);
    await buy(accountId);
    await lab.deleteSecret(accountId);

    expect(await deliver(late)).toMatchObject({ state: 'FAILED', reason: 'ACCOUNT_UNUSABLE' });

    expect((await lab.ledger.copies.get(accountId, late.tradeId))?.owed).toBeUndefined();
  });
});

describe('a sale that is owed', () => {
  it('takes no newer coins in place of those that another sale has sold meanwhile', async () => {
    const accountId = await owner('0.02');
    refusedOnce(accountId);
    const { tradeId } = await publish(accountId, sale('1'));
    await deliver({ accountId, masterId: 'm-boss', tradeId });
    await copy(accountId, sale('0.5'));
    const newer = await buy(accountId);

    const report = await check(accountId);

    expect(report.sales).toMatchObject([{ tradeId, state: 'MADE_GOOD', by: 'SOLD' }]);
    expect(sold(accountId)).toEqual(['0.01', '0.01']);
    expect(heldAtExchange(lab, accountId, BTC)).toBe(newer);
  });

  it('takes its share of what is left of older coins, in each of its tries', async () => {
    const accountId = await owner('0.04');
    refusedOnce(accountId);
    const { tradeId } = await publish(accountId, sale('0.5'));
    await deliver({ accountId, masterId: 'm-boss', tradeId });
    const newer = quantity(await buy(accountId));
    const again = refusedOnce(accountId);

    await check(accountId);
    expect(again.hits()).toBe(1);
    lab.clock.advance(HOUR);
    await check(accountId);

    expect(sold(accountId)).toEqual(['0.02']);
    expect(heldAtExchange(lab, accountId, BTC)).toBe(newer.plus('0.02').toFixed());
  });
});

/** A client that remembers which reads it was asked for. */
const countingClient = (): { readonly client: DynamoDBDocumentClient; readonly asked: string[] } => {
  const client = documentClient(lab.env);
  const asked: string[] = [];
  client.middlewareStack.add(
    (next, context) => async (call) => {
      const values = Object.values(Object(call.input).ExpressionAttributeValues ?? {});
      const range = values.find((value) => typeof value === 'string' && /^(FILL|ADJUSTMENT)#/.test(value));
      const command = context['commandName'] ?? '';
      const of = range === undefined ? '' : ` ${String(range).slice(0, String(range).indexOf('#'))}`;
      if (/Get|Query/.test(command)) asked.push(`${command}${of}`);
      return await next(call);
    },
    { step: 'initialize', name: 'countCalls' },
  );
  return { client, asked };
};

/** What a SELL reads. */
const askedBy = async (message: Message): Promise<readonly string[]> => {
  const { client, asked } = countingClient();
  await runCopy(message, lab.process({ client }));
  client.destroy();
  return asked;
};

describe('what a SELL asks the ledger', () => {
  it('is nothing of later coins where none came, in time or late', async () => {
    const accountId = await owner();
    await buy(accountId);
    const inTime = await askedBy(await publish(accountId, sale('0.5')));
    const late = await publish(accountId, sale('0.5'));
    lab.clock.advance(3 * HOUR);

    expect(await askedBy(late)).toEqual(inTime);
    expect(inTime.filter((call) => call.includes(' '))).toEqual([]);
  });

  it('is, where the position grew since, its fills, its adjustments and the copies of these fills', async () => {
    const accountId = await owner();
    await buy(accountId);
    const inTime = await askedBy(await publish(accountId, sale('0.5')));
    const late = await publish(accountId, sale('0.5'));
    await buy(accountId);
    await buy(accountId);

    const asked = [...(await askedBy(late))];

    for (const call of inTime) asked.splice(asked.indexOf(call), 1);
    expect(asked.sort()).toEqual([
      'GetItemCommand',
      'GetItemCommand',
      'QueryCommand ADJUSTMENT',
      'QueryCommand FILL',
    ]);
  });
});

/** Far above what rounding to steps of quantity can add up to; far below what anything here buys or sells. */
const GRAIN = 0.000001;
/** BTC: the exchange's minimum, below which a rest is sold with the rest of its trades' coins. */
const MINIMUM = 0.0001;

interface Lot {
  readonly bought: number;
  left: number;
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('BUY' as const, 'BUY' as const, 'SELL' as const, 'SELL' as const, 'EXIT' as const),
    share: fc.constantFrom('0.25', '0.5', '0.75', '1'),
    late: fc.constantFrom(0, 2, 5),
  }),
  { minLength: 4, maxLength: 9 },
);

describe('BUYs, exits, and SELLs whose messages come whenever they come', () => {
  it('sell for each trade no more than its fraction of what came from trades up to it', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const { accountId } = await lab.openAccount('user', { balances: { USD: '10000' } });
        const held = () => Number(heldAtExchange(lab, accountId, BTC));
        const lots: Lot[] = [];
        const waiting: {
          readonly due: number;
          readonly traded: number;
          readonly share: string;
          readonly message: Message;
        }[] = [];
        const deliverDue = async (now: number): Promise<void> => {
          for (const { traded, share, message } of waiting.filter(({ due }) => due === now)) {
            const older = lots.filter(({ bought }) => bought < traded);
            const [before, there] = [held(), older.reduce((sum, { left }) => sum + left, 0)];
            lab.clock.advance(MINUTE);
            await deliver(message);
            const taken = before - held();
            const due = there * Number(share);
            expect(taken).toBeLessThanOrEqual((there - due < MINIMUM ? there : due) + GRAIN);
            expect(taken).toBeGreaterThanOrEqual(due < MINIMUM ? 0 : due - GRAIN);
            for (const lot of older) lot.left *= there === 0 ? 1 : 1 - taken / there;
          }
        };
        for (const [index, { kind, share, late }] of history.entries()) {
          if (kind === 'SELL') {
            const message = await publish(accountId, sale(share));
            waiting.push({ due: index + late, traded: index, share, message });
          } else if (kind === 'EXIT') {
            await exit(accountId);
            for (const lot of lots) lot.left = 0;
          } else {
            const before = held();
            await copy(accountId);
            lots.push({ bought: index, left: held() - before });
          }
          await deliverDue(index);
        }
        for (let now = history.length; now < history.length + 5; now += 1) await deliverDue(now);
        await expectLedgerAsExchange(lab, accountId, BTC, 'in the end');
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});
