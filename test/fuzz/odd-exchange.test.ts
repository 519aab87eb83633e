import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HttpAnswer } from '../../shared/exchange/kraken/transport.ts';
import { shownOf } from './canary.ts';
import { queueRecord, streamRecord, tradeImage } from './events.ts';
import { isOwnError } from './judgement.ts';
import { damages } from './odd-values.ts';
import { runs } from './runs.ts';
import { settled } from './settled-world.ts';

const ENDPOINTS = [
  'AddOrder',
  'AssetPairs',
  'BalanceEx',
  'CancelOrder',
  'ClosedOrders',
  'GetApiKeyInfo',
  'OHLC',
  'OpenOrders',
  'QueryOrders',
  'QueryTrades',
  'Ticker',
  'TradeVolume',
  'TradesHistory',
];

/** An exchange that repeats all that it was sent. */
const echo = (answer: HttpAnswer, headers: Readonly<Record<string, string>>): HttpAnswer => {
  const sent = [headers['API-Key'], headers['API-Sign']].filter((text) => text !== undefined);
  const error = [
    `EGeneral:Invalid arguments:${sent.join(' ')}`,
    ...sent.map((text) => `E:${text.slice(0, 50)}`),
  ];
  return { ...answer, body: JSON.stringify({ error }) };
};

const damagedAnswer = (answer: HttpAnswer, damage: (valid: unknown) => unknown): HttpAnswer => ({
  ...answer,
  body: JSON.stringify(damage(JSON.parse(answer.body))),
});

describe('functions at an exchange whose answers are odd', () => {
  test('crash nowhere, show nothing of a key, touch nobody else and order nothing twice', async () => {
    const spoilt = fc.record({
      endpoint: fc.constantFrom(...ENDPOINTS),
      /** The answers of that endpoint that are spoilt, by their number. */
      from: fc.nat(2),
      count: fc.constantFrom(1, 2, 1_000),
      how: fc.oneof(
        { weight: 4, arbitrary: damages },
        { weight: 1, arbitrary: fc.constant('echo' as const) },
      ),
    });

    await fc.assert(
      fc.asyncProperty(fc.array(spoilt, { minLength: 1, maxLength: 2 }), async (plan) => {
        const world = await settled();
        const counts = new Map<string, number>();
        world.spoilAnswers((endpoint, answer, { headers }) => {
          const number = counts.get(endpoint) ?? 0;
          counts.set(endpoint, number + 1);
          const due = plan.find(
            (one) => one.endpoint === endpoint && number >= one.from && number < one.from + one.count,
          );
          if (due === undefined) return answer;
          return due.how === 'echo' ? echo(answer, headers) : damagedAnswer(answer, due.how);
        });
        const at = world.clock.now();
        await world.invoke('trade-copier', { Records: [streamRecord(tradeImage('t-2', at))] });
        const message = JSON.stringify({ accountId: 'u-ann', masterId: 'm-boss', tradeId: 't-2' });
        const copy = { Records: [queueRecord(message)] };

        const done = [
          await world.invoke('copy-worker', copy),
          await world.invoke('copy-worker', copy),
          await world.invoke('balance', { accountId: 'u-ann' }),
          await world.invoke('account-check', { accountId: 'u-ann' }),
          await world.invoke('exit', { accountId: 'u-ann', requestId: 'r-1' }),
        ];

        for (const { end, crashes, leaks, keysOf, partitions } of done) {
          if ('error' in end) expect(isOwnError(end.error), shownOf(end.error)).toBe(true);
          expect({ crashes, leaks, keysOf }).toEqual({
            crashes: [],
            leaks: [],
            keysOf: keysOf.length > 0 ? ['u-ann'] : [],
          });
          expect(partitions.filter((name) => /^[um]-/.test(name) && name !== 'u-ann')).toEqual([]);
        }
        const bought = world
          .ordersAtExchange()
          .filter(({ side, accountId }) => side === 'BUY' && accountId === 'u-ann');
        expect(bought.length).toBeLessThanOrEqual(2);
        expect(world.audit()).toEqual([]);
      }),
      runs(40),
    );
  });
});
