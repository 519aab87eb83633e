import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EXCHANGE_ERROR_CODES } from '../../shared/exchange/exchange.ts';
import { ERROR_TEXTS } from '../../shared/exchange/kraken/error-texts.ts';
import type { HttpAnswer } from '../../shared/exchange/kraken/transport.ts';
import { leaksOf } from './canary.ts';
import { capturedAnswers, connectTo, KEY, orderOf, realAnswers } from './exchange-answers.ts';
import { oddAnswer } from './odd-answers.ts';
import { isTable } from './odd-values.ts';
import { runs } from './runs.ts';

const RUNS = 1_000;
const { answers, market, markets } = await realAnswers();
const known = [answers.get('AddOrder'), capturedAnswers().get('AddOrder')].filter(
  (answer) => answer !== undefined,
);

const jsonOf = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const isNothing = (result: unknown): boolean =>
  result === undefined || result === null || (typeof result === 'object' && Object.keys(result).length === 0);

/** Of one text, whether it says that no order came about. The longest entry that fits counts. */
const deniesAnOrder = (said: string, firstSend: boolean): boolean => {
  const text = said.trim().replace(/:\s+/g, ':');
  const fitting = ERROR_TEXTS.filter((entry) => text === entry.text || text.startsWith(`${entry.text}:`));
  const outcome = fitting.toSorted((a, b) => b.text.length - a.text.length)[0]?.outcome;
  return outcome === 'REJECTED' || outcome === 'NOT_PLACED' || (outcome === 'BY_NONCE' && firstSend);
};

/** What an answer proves, said once more: an order, no order, or nothing. */
const proofIn = ({ status, body }: HttpAnswer, firstSend: boolean): 'AN_ORDER' | 'NO_ORDER' | 'NOTHING' => {
  const answer = jsonOf(body);
  if (status >= 500 || !isTable(answer) || !Array.isArray(answer['error'])) return 'NOTHING';
  if (!answer['error'].every((said) => typeof said === 'string')) return 'NOTHING';
  const errors = answer['error'].filter((said) => !said.startsWith('W'));
  const { result } = answer;
  if (errors.length > 0)
    return isNothing(result) && errors.every((said) => deniesAnOrder(said, firstSend))
      ? 'NO_ORDER'
      : 'NOTHING';
  const ids = isTable(result) ? result['txid'] : undefined;
  return status === 200 && Array.isArray(ids) && typeof ids[0] === 'string' && /^[A-Za-z0-9-]+$/.test(ids[0])
    ? 'AN_ORDER'
    : 'NOTHING';
};

describe('an answer to an order that is odd', () => {
  test('is taken for no order, or for one, only where it proves that', async () => {
    const odd = fc.oneof(...known.map((answer) => oddAnswer(answer, [KEY.apiKey, KEY.apiSecret])));

    await fc.assert(
      fc.asyncProperty(odd, fc.boolean(), async (answer, firstSend) => {
        const signatures: string[] = [];
        const { session } = connectTo(
          () => answer,
          markets,
          (signature) => signatures.push(signature),
        );

        const placement = await session.place({ ...orderOf(market), firstSend });

        const proof = proofIn(answer, firstSend);
        if (placement.outcome === 'PLACED') expect(proof).toBe('AN_ORDER');
        else {
          if (placement.outcome !== 'AMBIGUOUS') expect(proof).toBe('NO_ORDER');
          expect(EXCHANGE_ERROR_CODES).toContain(placement.code);
          expect(leaksOf(placement.message, [KEY.apiKey, KEY.apiSecret, ...signatures])).toEqual([]);
        }
      }),
      runs(RUNS),
    );
  });

  test('that repeats the signature it was sent shows nothing of it', async () => {
    let signature = '';
    const { session } = connectTo(
      () => ({ status: 200, body: JSON.stringify({ error: [`EAPI:Invalid signature:${signature}`] }) }),
      markets,
      (sent) => {
        signature = sent;
      },
    );

    const placement = await session.place(orderOf(market));

    expect(placement).toMatchObject({ outcome: 'REJECTED', code: 'INVALID_SIGNATURE' });
    expect(signature).toHaveLength(88);
    expect(leaksOf(JSON.stringify(placement), [signature])).toEqual([]);
  });
});
