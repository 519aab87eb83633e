import { describe, expect, it } from 'vitest';
import { statementPage } from '../../../functions/statement/page/statement-page.ts';
import { marketSymbol } from '../../../shared/exchange/market.ts';
import { fraction } from '../../../shared/money/money.ts';
import type { Statement } from '../../../shared/statement/statement.ts';
import { MINUTE } from '../../../shared/time/clock.ts';
import { statementsOf } from '../../statement/facts.ts';
import { historyOf } from '../../statement/history.ts';

const HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>';

const statement = (changes: Partial<Statement> = {}): Statement => {
  const history = historyOf({ USD: '10000', BTC: '0.1' }, [
    { what: 'buy', coin: 'BTC', share: 500, baseFee: false },
    { what: 'wait', ms: 5 * MINUTE },
    { what: 'adopt', coin: 'BTC', share: 100 },
    { what: 'check', between: [], late: 0 },
    { what: 'deposit', asset: 'USD', amount: 500 },
    { what: 'price', coin: 'BTC', percent: 110 },
    { what: 'sell', coin: 'BTC', share: 300, baseFee: false },
    { what: 'wait', ms: 5 * MINUTE },
  ]);
  const [one] = statementsOf(history, { profitShare: fraction('0.2') });
  if (one === undefined) throw new Error('there are two snapshots in the month');
  return { ...one, ...changes };
};

describe('a statement as a page', () => {
  it('shows the parts, the share, what is held, what was traded and what came, with drawings and no script', () => {
    const page = statementPage(statement());

    for (const title of [
      'What changed the equity',
      'Profit share',
      'Positions at the end',
      'Deposits',
      'Trades',
    ])
      expect(page).toContain(title);
    expect(page.match(/<svg /g)?.length).toBe(2);
    expect(page).toContain('<data value="500">');
    expect(page).not.toMatch(/<script|javascript:| on\w+="/i);
    expect(page).toMatch(/^<!doctype html>/);
  });

  it('is on paper in light colours, whatever its reader has chosen for the screen', () => {
    expect(statementPage(statement())).toContain('@media print{.nija.theme-auto{--ground:');
  });

  it('lets no text out of its place', () => {
    const page = statementPage(
      statement({
        notes: [HOSTILE],
        tracking: { known: false, why: HOSTILE },
        follows: 'm-apex',
        flows: [
          { at: 0, kind: 'DEPOSIT', asset: HOSTILE, amount: statement().trades[0]?.quantity ?? fail() },
        ],
        handOvers: statement().handOvers.map((one) => ({ ...one, why: HOSTILE, reason: HOSTILE })),
        copies: [
          {
            at: 0,
            tradeId: HOSTILE,
            symbol: marketSymbol('BTC/USD'),
            side: 'BUY',
            state: 'SKIPPED',
            reason: HOSTILE,
            masterPrice: statement().trades[0]?.price ?? fail(),
          },
        ],
      }),
    );

    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;script&gt;');
  });
});

const fail = (): never => {
  throw new Error('the history has a trade');
};
