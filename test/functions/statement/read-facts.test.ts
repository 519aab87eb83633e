import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFacts } from '../../../functions/statement/read-facts.ts';
import { zStatementInput } from '../../../functions/statement/statement-contract.ts';
import type { StatementPorts } from '../../../functions/statement/statement-ports.ts';
import { text } from '../../../shared/money/money.ts';
import { buildStatement } from '../../../shared/statement/build-statement.ts';
import { monthsBetween } from '../../../shared/statement/month.ts';
import type { Statement } from '../../../shared/statement/statement.ts';
import { DAY, iso, MINUTE } from '../../../shared/time/clock.ts';
import { account } from '../../copying/made.ts';
import { ManualClock } from '../../local/kraken/exchange.ts';
import type { Happening } from '../../snapshot/model.ts';
import { anyHistory, type Event, type History, historyOf } from '../../statement/history.ts';

/** A ledger that has the history of one account. */
const portsOf = ({ snapshots, fills, adjustments }: History, now: number): StatementPorts => ({
  ledger: {
    accounts: { get: async () => account({ follows: undefined }) },
    snapshots: {
      list: async function* (_, from, to) {
        yield snapshots.filter(({ at }) => from <= at && at <= to);
      },
      lastUntil: async (_, moment) => snapshots.findLast(({ at }) => at <= moment),
      firstFrom: async (_, moment) => snapshots.find(({ at }) => at >= moment),
    },
    fills: { list: async () => fills },
    copies: { list: async () => [] },
    reconciliation: { adjustments: async () => adjustments },
  },
  clock: new ManualClock(now),
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
});
