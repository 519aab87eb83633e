import { type AccountId, roleOf } from '../account/account.ts';
import { attemptRead } from '../ledger/read.ts';
import { text } from '../money/money.ts';
import { isRounding } from '../snapshot/flows.ts';
import type { EquitySnapshot } from '../snapshot/snapshot.ts';
import type { Instant } from '../time/clock.ts';
import { eachOf } from './at-once.ts';
import { USUAL_PERIOD_MS } from './distribution.ts';
import { curveOf, thinned } from './equity-curve.ts';
import { type AccountsAsked, accountPage } from './pages.ts';
import type { ReportingPorts } from './ports.ts';
import type { ViewAnswerOf } from './view-contract.ts';

type Equity = ViewAnswerOf<'equity'>;

export interface EquityQuery extends AccountsAsked {
  readonly points: number;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** @throws LedgerError where not even the accounts can be listed */
export const answerEquity = async (
  { points, from: asked, to: until, ...accounts }: EquityQuery,
  ports: ReportingPorts,
): Promise<Equity> => {
  const at = ports.clock.now();
  const to = until ?? at;
  const from = asked ?? Math.max(0, to - USUAL_PERIOD_MS);
  const { ids, page } = await accountPage(accounts, ports);
  const curves = await eachOf(ids, async (accountId): Promise<Equity['accounts'][number]> => {
    const read = await attemptRead(async () => await snapshotsOf(accountId, from, to, ports));
    if (!read.readable) return { accountId, ...read };
    return {
      accountId,
      readable: true,
      role: roleOf(accountId),
      points: [...thinned(curveOf(read.value), points)],
      measured: read.value.length,
      flows: read.value.flatMap(flowsOf),
    };
  });
  return { query: 'equity', at, from, to, accounts: [...curves], page };
};

const snapshotsOf = async (
  accountId: AccountId,
  from: Instant,
  to: Instant,
  { ledger }: ReportingPorts,
): Promise<readonly EquitySnapshot[]> => {
  const snapshots: EquitySnapshot[] = [];
  for await (const page of ledger.snapshots.list(accountId, from, to)) snapshots.push(...page);
  return snapshots;
};

/** Rounding is no flow that anybody made. */
const flowsOf = ({ at, flows }: EquitySnapshot) =>
  flows
    .filter((flow) => !isRounding(flow))
    .map(({ kind, asset, amount, value }) => ({
      at,
      kind,
      asset,
      amount: text(amount),
      ...(value === undefined ? {} : { value: text(value) }),
    }));
