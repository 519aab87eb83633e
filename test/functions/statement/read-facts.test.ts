import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFacts } from '../../../functions/statement/read-facts.ts';
import { zStatementInput } from '../../../functions/statement/statement-contract.ts';
import type { StatementPorts } from '../../../functions/statement/statement-ports.ts';
import type { Copy } from '../../../shared/copying/copy.ts';
import { price, quantity, quote, text, ZERO_QUOTE } from '../../../shared/money/money.ts';
import type { EquitySnapshot } from '../../../shared/snapshot/snapshot.ts';
import { buildStatement } from '../../../shared/statement/build-statement.ts';
import { monthsBetween } from '../../../shared/statement/month.ts';
import type { Statement } from '../../../shared/statement/statement.ts';
import { DAY, iso, MINUTE } from '../../../shared/time/clock.ts';
import { account, NOON, trade } from '../../copying/made.ts';
import { ManualClock } from '../../local/kraken/exchange.ts';
import type { Happening } from '../../snapshot/model.ts';
import { anyHistory, type Event, type History, historyOf } from '../../statement/history.ts';

/** What a master was worth, and when; the account follows it. */
interface Followed {
  readonly copies: readonly Copy[];
  readonly master: readonly EquitySnapshot[];
}

/** A ledger that has the history of one account, and the snapshots of its master. */
const portsOf = (
  { snapshots, fills, adjustments }: History,
  now: number,
  followed?: Followed,
): StatementPorts => {
  const of = (accountId: string) => (accountId === 'm-apex' ? (followed?.master ?? []) : snapshots);
  return {
    ledger: {
      accounts: { get: async () => account(followed === undefined ? { follows: undefined } : {}) },
      snapshots: {
        list: async function* (accountId, from, to) {
          yield of(accountId).filter(({ at }) => from <= at && at <= to);
        },
        lastUntil: async (accountId, moment) => of(accountId).findLast(({ at }) => at <= moment),
        firstFrom: async (accountId, moment) => of(accountId).find(({ at }) => at >= moment),
      },
      fills: { list: async (accountId) => (accountId === 'm-apex' ? [] : fills) },
      copies: { list: async () => followed?.copies ?? [] },
      reconciliation: {
        adjustments: async (accountId) => (accountId === 'm-apex' ? [] : adjustments),
      },
    },
    clock: new ManualClock(now),
  };
};

/** Of a master that has one BTC and nothing else. */
const holding = (worth: string, at: number): EquitySnapshot => ({
  accountId: 'm-apex',
  at,
  cash: ZERO_QUOTE,
  held: ZERO_QUOTE,
  equity: quote(worth),
  holdings: [{ asset: 'BTC', total: quantity('1'), price: price(worth) }],
  flows: [],
  flow: ZERO_QUOTE,
  paidIn: quote('50000'),
  counted: [],
  countedFrom: at,
});

const CHECK: Happening = { what: 'check', between: [], late: 0 };
/** Weeks with a check a day, so that what is read of earlier months is a small part of what there is. */
const overMonths = (events: readonly Event[]): readonly Event[] =>
  events.flatMap((event): readonly Event[] => [event, CHECK, { what: 'wait', ms: 3 * DAY }, CHECK]);

const statementsOf = async (history: History): Promise<readonly Statement[]> => {
  const [first] = history.snapshots;
  const last = history.snapshots.at(-1)?.at ?? first.at;
  const ports = portsOf(history, last + MINUTE);
  const months = monthsBetween(first.at, last).map((at) => iso(at).slice(0, 7));
  return await Promise.all(
    months.map(async (month) => {
      const input = zStatementInput.parse({ accountId: 'u-ann', month, profitShare: '0.2' });
      return buildStatement(await readFacts(input, ports));
    }),
  );
};

describe('what is read for a statement', () => {
  it('tells of earlier months what their own statements told, though it reads but a few of their snapshots', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (events) => {
        const history = historyOf({ USD: '10000', BTC: '0.2', ETH: '4' }, overMonths(events));

        const statements = await statementsOf(history);

        for (const [index, { profitShare, equity }] of statements.entries()) {
          const next = statements[index + 1];
          if (next === undefined) continue;
          expect(text(next.equity.opening)).toBe(text(equity.closing));
          expect(next.profitShare?.before.toFixed()).toBe(profitShare?.after.toFixed());
          expect(next.profitShare?.markBefore.toFixed()).toBe(profitShare?.markAfter.toFixed());
        }
      }),
      { numRuns: 40 },
    );
  });

  it('sizes a copy that was not made before by the equity of then, whether or not a profit share is asked for', async () => {
    const days = (count: number): readonly Event[] =>
      Array.from({ length: count }, () => [{ what: 'wait', ms: DAY } as const, CHECK]).flat();
    const deposit = { what: 'deposit', asset: 'USD', amount: 9_900 } as const;
    const history = historyOf({ USD: '100' }, [...days(1), deposit, ...days(25)]);
    const missed = trade({ at: NOON + 3 * DAY });
    const copies: readonly Copy[] = [
      {
        accountId: 'u-ann',
        trade: missed,
        createdAt: missed.at,
        outcome: { state: 'SKIPPED', reason: 'STALE', detail: 'too late' },
      },
    ];
    const master = [
      holding('50000', NOON),
      holding('50000', NOON + 6 * DAY),
      holding('55000', NOON + 20 * DAY),
    ];
    const ports = portsOf(history, NOON + 26 * DAY, { copies, master });
    const input = { accountId: 'u-ann', month: '2026-12' };

    const skippedIn = async (choices: { readonly profitShare?: string }) => {
      const facts = await readFacts(zStatementInput.parse({ ...input, ...choices }), ports);
      const { tracking } = buildStatement(facts);
      if (!tracking.known) throw new Error(tracking.why);
      return tracking.causes.find(({ cause }) => cause === 'skipped')?.bps.toFixed();
    };

    const found = [await skippedIn({}), await skippedIn({ profitShare: '0.2' })];

    // 5 % of 10,000 would have gained 10 %: 50 of 10,000.
    expect(found).toEqual(['-50', '-50']);
  });
});
