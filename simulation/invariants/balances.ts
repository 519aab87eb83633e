import * as z from 'zod';
import type { BookedBalance } from '../../infra/local/kraken/books.ts';
import { Decimal, ZERO } from '../../infra/local/kraken/decimal.ts';
import { isCash } from '../../shared/exchange/market.ts';
import type { Evidence } from './evidence/evidence.ts';
import { guarantee } from './guarantee.ts';

/** As the handler's answer is serialised: decimals become texts. */
const zAmount = z.unknown().transform((amount) => new Decimal(String(amount)));
const zAnswer = z.discriminatedUnion('connected', [
  z.looseObject({
    connected: z.literal(true),
    accountId: z.string(),
    cash: zAmount,
    held: zAmount,
    equity: zAmount,
    assets: z.array(
      z.looseObject({ asset: z.string(), total: zAmount, free: zAmount, value: zAmount.optional() }),
    ),
  }),
  z.looseObject({
    connected: z.literal(false),
    accountId: z.string(),
    code: z.string().min(1),
    message: z.string().min(1),
  }),
]);
type True = Extract<z.infer<typeof zAnswer>, { connected: true }>;

type Balances = Readonly<Record<string, BookedBalance>>;

/** What the exchange's four decimals of money and eight of coins hide. */
const ROUNDING = '0.0002';

const near = (one: Decimal, other: Decimal): boolean => one.minus(other).abs().lte(ROUNDING);

/** By asset, its variants together. */
const sumsOf = (
  balances: Balances,
): ReadonlyMap<string, { readonly total: Decimal; readonly free: Decimal }> => {
  const sums = new Map<string, { total: Decimal; free: Decimal }>();
  for (const [code, { total, free }] of Object.entries(balances)) {
    const [asset = code, variant] = code.split('.');
    const sum = sums.get(asset) ?? { total: ZERO, free: ZERO };
    // What is staked or earns rewards is held for its owner, and cannot be sold at once.
    const sellable = variant === undefined || variant === 'F' ? free : '0';
    sums.set(asset, { total: sum.total.plus(total), free: sum.free.plus(sellable) });
  }
  return sums;
};

/** What differs; undefined where the answer says what the books say. */
const difference = (answer: True, balances: Balances): string | undefined => {
  const sums = sumsOf(balances);
  const shown = new Map(answer.assets.map((asset) => [asset.asset, asset]));
  let cash = ZERO;
  let held = ZERO;
  for (const [asset, { total, free }] of sums) {
    if (isCash(asset)) {
      cash = cash.plus(free);
      held = held.plus(total.minus(free));
      continue;
    }
    const one = shown.get(asset);
    if (!near(one?.total ?? ZERO, total))
      return `${total.toFixed()} ${asset}, not ${one?.total.toFixed() ?? 'none'}`;
    if (!near(one?.free ?? ZERO, free))
      return `${free.toFixed()} ${asset} free, not ${one?.free.toFixed() ?? 'none'}`;
  }
  if (!near(answer.cash, cash)) return `${cash.toFixed()} in free cash, not ${answer.cash.toFixed()}`;
  if (!near(answer.held, held)) return `${held.toFixed()} in held cash, not ${answer.held.toFixed()}`;
  const known = answer.assets.find(({ asset, total }) => total.gt(0) && !sums.has(asset));
  if (known !== undefined) return `no ${known.asset}, not ${known.total.toFixed()}`;
  const equity = answer.assets.reduce(
    (sum, { value }) => sum.plus(value ?? 0),
    answer.cash.plus(answer.held),
  );
  return near(equity, answer.equity)
    ? undefined
    : `an equity of ${equity.toFixed()}, not ${answer.equity.toFixed()}`;
};

/** Of a failed answer: figures that could be taken for true ones. */
const FIGURES = ['cash', 'held', 'equity', 'assets'] as const;

const judge = (answer: unknown, process: string, evidence: Evidence): string | undefined => {
  const parsed = zAnswer.safeParse(answer);
  if (!parsed.success)
    return `${process} answers what is neither a balance nor a failure: ${parsed.error.message}`;
  const { accountId } = parsed.data;
  if (!parsed.data.connected) {
    const figure = FIGURES.find((name) => name in parsed.data);
    return figure === undefined
      ? undefined
      : `the balance of ${accountId} failed with ${parsed.data.code}, and its answer has '${figure}'`;
  }
  const read = evidence.invocations.of(process)?.balanceRead;
  if (read === undefined) return `${process} answers a balance of ${accountId} without having asked for it`;
  if (read.old) return undefined;
  const { books } = evidence.world.exchange;
  const then = difference(parsed.data, read.balances);
  // A request may reach the exchange later than it was sent.
  if (then === undefined || difference(parsed.data, books.balances(accountId)) === undefined)
    return undefined;
  return `the balance of ${accountId} is wrong: the exchange's books have ${then}`;
};

/** A balance is what the exchange's books said when it was read, or a failure with a code and no figures. */
export const balancesAreTrue = guarantee('7 an error is never zero', (evidence, broken) => {
  evidence.onSeen((seen) => {
    if (seen.kind !== 'answer' || seen.fn !== 'balance' || !('result' in seen.answer)) return;
    const why = judge(seen.answer.result, seen.process, evidence);
    if (why !== undefined) broken(why);
  });
  return undefined;
});
