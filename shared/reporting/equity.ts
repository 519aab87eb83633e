import { type AccountId, roleOf } from '../account/account.ts';
import { attemptRead } from '../ledger/read.ts';
import { text } from '../money/money.ts';
import { isRounding } from '../snapshot/flows.ts';
import type { CurveSnapshot } from '../snapshot/snapshot.ts';
import { DAY, type Instant } from '../time/clock.ts';
import { eachOf } from './at-once.ts';
import { USUAL_PERIOD_MS } from './distribution.ts';
import { curveBuilder, thinned } from './equity-curve.ts';
import { assertNamesExist } from './known-names.ts';
import { type AccountsAsked, accountPage } from './pages.ts';
import type { ReportingPorts } from './ports.ts';
import type { ViewAnswerOf } from './view-contract.ts';

type Equity = ViewAnswerOf<'equity'>;
type AccountCurve = Equity['accounts'][number];

/** Points that are kept while reading, for each that is shown. */
const KEPT_FOR_EACH = 4;
/** Lambda answers up to 6 MB: of many accounts each has fewer points. */
const MOST_POINTS = 20_000;

/** A month is of thousands of snapshots: of more accounts than these at once a week is enough, unless told. */
const FEW_ACCOUNTS = 10;
const SHORT_PERIOD_MS = 7 * DAY;
/** Curves that are read at once: the partitions they lie in are those that copies and exits work in. */
const CURVES_AT_ONCE = 3;

export interface EquityQuery extends AccountsAsked {
  readonly points: number;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** @throws LedgerError where not even the accounts can be listed; UnknownAccount of the one that is named */
export const answerEquity = async (
  { points: most, from: asked, to: until, ...accounts }: EquityQuery,
  ports: ReportingPorts,
): Promise<Equity> => {
  const at = ports.clock.now();
  const to = until ?? at;
  const { ids, page } = await accountPage(accounts, ports);
  // By what is asked for, not by what this page holds: the last page is of the same time as the first.
  const many = Math.min(accounts.limit, page.accounts) > FEW_ACCOUNTS;
  const from = asked ?? Math.max(0, to - (many ? SHORT_PERIOD_MS : USUAL_PERIOD_MS));
  const points = Math.max(2, Math.min(most, Math.floor(MOST_POINTS / Math.max(1, ids.length))));
  const spacingMs = (to - from) / (KEPT_FOR_EACH * points);
  const curves = await eachOf(
    ids,
    async (accountId): Promise<AccountCurve> => {
      const read = await attemptRead(
        async () => await curveOf(accountId, { from, to, spacingMs, points }, ports),
      );
      return read.readable ? read.value : { accountId, ...read };
    },
    CURVES_AT_ONCE,
  );
  const { accountId } = accounts;
  if (accountId !== undefined && curves.every((curve) => curve.readable && curve.measured === 0))
    await assertNamesExist({ accountId }, ports);
  return { query: 'equity', at, from, to, accounts: [...curves], page };
};

interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
  readonly spacingMs: number;
  readonly points: number;
}

const curveOf = async (
  accountId: AccountId,
  { from, to, spacingMs, points }: Stretch,
  { ledger }: ReportingPorts,
): Promise<AccountCurve> => {
  const curve = curveBuilder(spacingMs);
  const flows: ReturnType<typeof flowsOf> = [];
  let measured = 0;
  for await (const page of ledger.history.curve(accountId, from, to)) {
    measured += page.length;
    for (const snapshot of page) {
      curve.add(snapshot);
      flows.push(...flowsOf(snapshot));
    }
  }
  const shown = [...thinned(curve.points(), points)];
  return {
    accountId,
    readable: true,
    role: roleOf(accountId),
    points: shown,
    measured,
    flows,
    ...(curve.hasUnknownFlows() ? { unknownFlows: true } : {}),
  };
};

/** Rounding is no flow that anybody made. */
const flowsOf = ({ at, flows }: CurveSnapshot) =>
  flows
    .filter((flow) => !isRounding(flow))
    .map(({ kind, asset, amount, value }) => ({
      at,
      kind,
      asset,
      amount: text(amount),
      ...(value === undefined ? {} : { value: text(value) }),
    }));
