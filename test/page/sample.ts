import type { PageData } from '../../page/data/page-data.ts';
import { type ViewQueryName, viewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { DAY, HOUR, MINUTE } from '../../shared/time/clock.ts';

export const NOW = Date.parse('2026-03-14T15:09:00Z');
const FROM = NOW - 30 * DAY;

/** A curve that one seed always draws alike. */
const walk = (seed: number, steps: number, swing: number): readonly number[] => {
  let state = seed;
  const values = [1];
  for (let step = 1; step < steps; step += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    values.push((values.at(-1) ?? 1) * (1 + (state / 2_147_483_648 - 0.49) * swing));
  }
  return values;
};

const points = (seed: number, start: number, swing: number) =>
  walk(seed, 120, swing).map((index, step) => ({
    at: FROM + (step * 30 * DAY) / 119,
    cash: (start * index * 0.4).toFixed(8),
    held: '0',
    equity: (start * index).toFixed(8),
    paidIn: String(start),
    index: index.toFixed(12),
    flowsKnown: true,
  }));

const profile = (follows: string | undefined) => ({
  exchange: 'kraken',
  quoteCurrency: 'USD',
  registeredAt: FROM,
  ...(follows === undefined ? {} : { follows }),
  enabled: true,
  copyPaused: false,
  exitOnly: false,
  limits: {
    maxTradeFraction: '0.1',
    maxOpenPositions: 8,
    maxSlippageBps: '50',
    maxTradeAgeSeconds: 120,
    maxDailyLoss: '0.05',
    maxDrawdown: '0.15',
    cashReserve: '0.01',
    minimumEquity: '25',
    maxOrdersPerHour: 30,
    maxHourlyTurnover: '5',
  },
  sizing: { mode: 'proportional', multiplier: '1' },
  deniedSymbols: [],
});

interface Shown {
  readonly accountId: string;
  readonly state: string;
  readonly reason: string;
  readonly equity?: string;
  readonly fingerprint: string;
  readonly keyProblem?: string;
  readonly failing?: readonly { readonly part: string; readonly why: string }[];
}

const account = ({ accountId, state, reason, equity, fingerprint, keyProblem, failing = [] }: Shown) => ({
  accountId,
  role: accountId.startsWith('m-') ? 'master' : 'user',
  state,
  reason,
  profile: profile(accountId.startsWith('m-') ? undefined : 'm-apex'),
  worth:
    equity === undefined
      ? { known: false, why: 'it was never measured: its first check has not run yet' }
      : {
          known: true,
          cash: (Number(equity) * 0.62).toFixed(4),
          held: '120.5',
          equity,
          profit: (Number(equity) - 10_000).toFixed(4),
          paidIn: '10000',
          at: NOW - 7 * MINUTE,
          ageMs: 7 * MINUTE,
        },
  key: {
    fingerprint,
    usable: keyProblem === undefined,
    ...(keyProblem === undefined
      ? {}
      : {
          problem: {
            since: NOW - 3 * HOUR,
            code: keyProblem,
            remedy: 'Its owner makes a new key that can query and trade, and you register it again.',
          },
        }),
  },
  findings: [],
  failing: [...failing],
});

const ACCOUNTS = [
  account({
    accountId: 'm-apex',
    state: 'trading',
    reason: 'its last tick was 40 s ago',
    equity: '104233.88120041',
    fingerprint: '9f2c41d07be8a356',
  }),
  account({
    accountId: 'u-ann',
    state: 'following',
    reason: 'copies what m-apex trades',
    equity: '12876.2345',
    fingerprint: '1c7d90ab23ef4568',
  }),
  account({
    accountId: 'u-ben',
    state: 'exit-only',
    reason: 'its key can withdraw, since 3 h',
    equity: '9120.5',
    fingerprint: '77aa01bc55d2e901',
  }),
  account({
    accountId: 'u-cho',
    state: 'key-problem',
    reason: 'the exchange refuses its key',
    equity: '10450.01',
    fingerprint: 'e0551f9d3c2b7a64',
    keyProblem: 'KEY_INVALID',
  }),
  account({
    accountId: 'u-dia',
    state: 'unattested',
    reason: 'nobody has asked yet what its key may do',
    fingerprint: '3b8e72f6d1409c5a',
  }),
  account({
    accountId: 'u-eli',
    state: 'failing',
    reason: 'its risk record cannot be read',
    equity: '7010.9',
    fingerprint: '5d4c3b2a19087f6e',
    failing: [
      {
        part: 'key watch',
        why: 'the item is damaged: look at it in the table, or register the account again',
      },
    ],
  }),
];

const copy = (accountId: string, more: Readonly<Record<string, unknown>> & { readonly outcome: string }) => ({
  accountId,
  tradeId: 't-1',
  masterId: 'm-apex',
  symbol: 'BTC/USD',
  side: 'BUY',
  tradedAt: NOW - 50 * MINUTE,
  ...more,
});
const filled = (accountId: string, latency: number, slippage: string) =>
  copy(accountId, {
    outcome: 'FILLED',
    requested: '0.01834',
    filled: '0.01834',
    price: '64120.4',
    fees: '4.7',
    orderLatencyMs: latency,
    fillLatencyMs: latency + 210,
    slippageBps: slippage,
  });

const trade = (
  tradeId: string,
  minutes: number,
  side: string,
  symbol: string,
  list: readonly { readonly outcome: string }[],
) => ({
  readable: true,
  tradeId,
  masterId: 'm-apex',
  symbol,
  side,
  quantity: '0.1503',
  price: '64098.1',
  notional: '9633.94443',
  masterEquityBefore: '104001.2',
  soldFraction: side === 'SELL' ? '1' : '0',
  at: NOW - minutes * MINUTE,
  copies: {
    counts: {
      filled: list.filter(({ outcome }) => outcome === 'FILLED').length,
      skipped: list.filter(({ outcome }) => outcome === 'SKIPPED').length,
      failed: list.filter(({ outcome }) => outcome === 'FAILED').length,
      open: 0,
      unreadable: 0,
    },
    list: [...list],
  },
});

const latencies = walk(11, 180, 0.4).map((value, index) =>
  Math.round(260 + ((value * 97 + index * 13) % 420)),
);
const slippages = walk(5, 180, 0.5).map((value, index) => (((value * 31 + index * 7) % 60) - 22).toFixed(2));
const spread = <T>(rising: readonly T[]) => ({
  count: rising.length,
  min: rising[0],
  median: rising[Math.floor(rising.length / 2)],
  p95: rising[Math.floor(rising.length * 0.95)],
  max: rising.at(-1),
  values: [...rising],
});

const page = { accounts: 6, covered: 6 };
const position = (more: Readonly<Record<string, unknown>>) => ({
  symbol: 'BTC/USD',
  quantity: '0.01834',
  costBasis: '1176.3',
  averageCost: '64138.49509269',
  openedAt: NOW - 5 * HOUR,
  price: { known: true, price: '64950.2', from: 'snapshot', at: NOW - 7 * MINUTE },
  value: '1191.186668',
  unrealised: '14.886668',
  levels: [
    { kind: 'stop', state: 'armed', price: '57724.6', detail: '10 % below the average cost' },
    { kind: 'take-profit', state: 'waiting', price: '70552.3', sell: '0.5', detail: 'at 10 % above it' },
    { kind: 'max-holding', state: 'armed', until: NOW + 43 * HOUR, detail: 'after 48 hours' },
  ],
  ...more,
});

const answers = {
  overview: {
    query: 'overview',
    at: NOW,
    stage: 'sample',
    masters: [
      {
        masterId: 'm-apex',
        healthy: true,
        reason: 'ok',
        lastTick: { at: NOW - 40_000, ageMs: 40_000, periodMs: 300_000 },
        mode: 'live',
        strategy: 'apex',
        followers: 5,
      },
      {
        masterId: 'm-hand',
        healthy: false,
        reason: 'its last tick was 3 hours ago, three periods are 15 minutes',
        lastTick: { at: NOW - 3 * HOUR, ageMs: 3 * HOUR, periodMs: 300_000 },
        since: NOW - 2 * HOUR,
        mode: 'paper',
        strategy: 'manual',
        followers: 0,
      },
    ],
    halts: {
      halt: { state: 'on', by: 'mia', why: 'odd fills at the exchange', since: NOW - 20 * MINUTE },
      breaker: { state: 'off' },
    },
    accounts: ACCOUNTS,
    findings: [
      {
        severity: 'critical',
        code: 'KEY_CAN_WITHDRAW',
        what: 'The key of u-ben can withdraw money.',
        remedy: 'Have its owner delete this key and make one that can only query and trade.',
        accountId: 'u-ben',
      },
      {
        severity: 'warning',
        code: 'CHECK_OVERDUE',
        what: 'Its last check was 2 hours ago, 15 minutes are usual.',
        remedy: 'Look at the queue of checks and at the log of account-check.',
        accountId: 'u-eli',
      },
    ],
    page,
  },
  equity: {
    query: 'equity',
    at: NOW,
    from: FROM,
    to: NOW,
    accounts: [
      ...ACCOUNTS.slice(0, 4).map(({ accountId, role }, index) => ({
        accountId,
        readable: true,
        role,
        points: points(index * 7 + 3, index === 0 ? 100_000 : 10_000, 0.02 + index * 0.006),
        measured: 2_880,
        flows: [],
      })),
      { accountId: 'u-dia', readable: true, role: 'user', points: [], measured: 0, flows: [] },
      {
        accountId: 'u-eli',
        readable: false,
        why: 'its snapshots are damaged from 2026-03-02 on: register it again',
      },
    ],
    page,
  },
  positions: {
    query: 'positions',
    at: NOW,
    accounts: [
      {
        accountId: 'm-apex',
        readable: true,
        quoteCurrency: 'USD',
        positions: [position({ quantity: '0.1503', levels: [] })],
      },
      {
        accountId: 'u-ann',
        readable: true,
        quoteCurrency: 'USD',
        positions: [
          position({}),
          position({
            symbol: 'ETH/USD',
            quantity: '0.5021',
            averageCost: '3120.5',
            costBasis: '1566.8',
            value: '1498.1',
            unrealised: '-68.7',
            price: { known: true, price: '2983.7', from: 'snapshot', at: NOW - 7 * MINUTE },
            unjudged: { why: 'an order of it is in doubt', since: NOW - 30 * MINUTE, checks: 2 },
          }),
        ],
      },
      {
        accountId: 'u-cho',
        readable: true,
        quoteCurrency: 'USD',
        positions: [
          position({
            symbol: 'SOL/USD',
            price: { known: false, why: 'nothing was measured since it was bought' },
            value: undefined,
            unrealised: undefined,
          }),
        ],
      },
      {
        accountId: 'u-eli',
        readable: false,
        why: 'its positions are damaged: compare them with the exchange by adopt, action status',
      },
    ],
    page,
  },
  trades: {
    query: 'trades',
    at: NOW,
    trades: [
      trade('t-1', 50, 'BUY', 'BTC/USD', [
        filled('u-ann', 318, '2.4'),
        copy('u-ben', { outcome: 'SKIPPED', reason: 'EXIT_ONLY', detail: 'the account is exit-only' }),
        copy('u-cho', { outcome: 'FAILED', reason: 'KEY_INVALID', detail: 'the exchange refuses the key' }),
        filled('u-eli', 412, '-1.1'),
      ]),
      trade('t-0', 400, 'SELL', 'ETH/USD', [filled('u-ann', 377, '0.9'), filled('u-eli', 1_502, '14.2')]),
      {
        readable: false,
        tradeId: 't-x',
        masterId: 'm-apex',
        at: NOW - 500 * MINUTE,
        why: 'the item is damaged',
      },
    ],
    failing: [{ accountId: 'm-hand', why: 'its trades could not be listed: try again in a minute' }],
  },
  distribution: {
    query: 'distribution',
    at: NOW,
    since: FROM,
    complete: true,
    copies: 203,
    outcomes: { FILLED: 180, EXIT_ONLY: 14, PRICE_MOVED: 8, KEY_INVALID: 1 },
    orderLatencyMs: spread([...latencies].sort((one, other) => one - other)),
    fillLatencyMs: spread([...latencies].map((value) => value + 210).sort((one, other) => one - other)),
    slippageBps: spread([...slippages].sort((one, other) => Number(one) - Number(other))),
  },
  events: {
    query: 'events',
    at: NOW,
    from: FROM,
    to: NOW,
    events: [
      {
        at: NOW - 20 * MINUTE,
        kind: 'halt',
        severity: 'warning',
        what: 'All buying was halted.',
        by: 'mia',
        why: 'odd fills at the exchange',
        numbers: {},
      },
      {
        at: NOW - 4 * HOUR,
        kind: 'protection',
        severity: 'warning',
        accountId: 'u-ann',
        symbol: 'ETH/USD',
        what: 'The stop sold 0.75 at 2,870.10; it lay at 2,880.',
        state: 'DONE',
        numbers: { stop: '2880' },
      },
      {
        at: NOW - 9 * HOUR,
        kind: 'exit',
        severity: 'info',
        accountId: 'u-ben',
        what: 'An exit of what is managed ended flat.',
        state: 'FLAT',
        numbers: {},
      },
      {
        at: NOW - 26 * HOUR,
        kind: 'switch',
        severity: 'info',
        accountId: 'u-ben',
        what: 'Exit-only was switched on.',
        by: 'account-check',
        why: 'its key can withdraw',
        numbers: {},
      },
    ],
    cut: false,
    failing: [{ accountId: 'u-eli', part: 'drifts', why: 'the item is damaged' }],
    page,
  },
};

const readable = <Name extends ViewQueryName>(name: Name, answer: unknown) =>
  ({ readable: true, answer: viewAnswerOf(name, JSON.parse(JSON.stringify(answer))) }) as const;

/** A page on which something of everything can be seen; checked against the contract. */
export const sampleData = (): PageData => ({
  now: NOW,
  overview: readable('overview', answers.overview),
  equity: readable('equity', answers.equity),
  positions: readable('positions', answers.positions),
  trades: readable('trades', answers.trades),
  distribution: readable('distribution', answers.distribution),
  events: readable('events', answers.events),
});
