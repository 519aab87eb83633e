import { describe, expect, it } from 'vitest';
import { statementPage } from '../../../functions/statement/page/statement-page.ts';
import { marketSymbol } from '../../../shared/exchange/market.ts';
import { sampleStatement } from './sample-statement.ts';

const HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>';

describe('a statement as a page', () => {
  it('shows the parts, the share, what is held, what was traded and what came, with drawings and no script', () => {
    const page = statementPage(sampleStatement());

    for (const title of [
      'What changed the equity',
      'Profit share',
      'Positions at the end',
      'Deposits',
      'Trades',
    ])
      expect(page).toContain(title);
    expect(page.match(/<svg /g)?.length).toBe(2);
    expect(page).toContain('<data value="2500">');
    expect(page).not.toMatch(/<script|javascript:| on\w+="/i);
    expect(page).toMatch(/^<!doctype html>/);
  });

  it('is on paper in light colours, whatever its reader has chosen for the screen', () => {
    expect(statementPage(sampleStatement())).toContain('@media print{\n.nija.theme-auto{--ground:');
  });

  it('lets no text out of its place', () => {
    const page = statementPage(
      sampleStatement({
        notes: [HOSTILE],
        tracking: { known: false, why: HOSTILE },
        follows: 'm-apex',
        flows: [
          { at: 0, kind: 'DEPOSIT', asset: HOSTILE, amount: sampleStatement().trades[0]?.quantity ?? fail() },
        ],
        handOvers: sampleStatement().handOvers.map((one) => ({ ...one, why: HOSTILE, reason: HOSTILE })),
        copies: [
          {
            at: 0,
            tradeId: HOSTILE,
            symbol: marketSymbol('BTC/USD'),
            side: 'BUY',
            state: 'SKIPPED',
            reason: HOSTILE,
            masterPrice: sampleStatement().trades[0]?.price ?? fail(),
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
