/** What is mutated together, and the tests it is held to. */
export interface Part {
  readonly mutate: readonly string[];
  /** The quickest first: a mutant is dead with the first test that fails. */
  readonly tests: readonly string[];
}

const files = (folder: string, ...names: readonly string[]): readonly string[] =>
  names.map((name) => `${folder}/${name}.ts`);

const tests = (...names: readonly string[]): readonly string[] => names.map((name) => `test/${name}.test.ts`);

const COPYING_RUNS = tests(
  'copying/account-status',
  'copying/cancel-own-sales',
  'copying/following',
  'copying/conclude-copy',
  'functions/copy-worker',
  'functions/owed-sales',
  'functions/asked-too-often',
  'functions/redrive-work',
  'functions/circuit',
  'functions/runaway',
  'functions/lagging-balances',
  'functions/busy-key',
  'functions/doubtful-orders',
  'functions/sales-in-doubt',
  'functions/counted-buys',
  'functions/unrecorded-sales',
  'functions/staked',
  'functions/delisted',
  'protection/refused-sales',
  'copying/sales-ask-nothing',
  'functions/metrics',
  'functions/unfinished-copies',
  'functions/redrive',
  'functions/control',
  'copying/admission-table',
  'order/place-once-faults',
);

/**
 * Rules are held to tests of their own alone, which need neither ledger nor exchange. What carries them out is held
 * to the tests that run it over an embedded database and a simulated exchange.
 */
export const PARTS = {
  money: { mutate: files('shared/money', 'money', 'schema'), tests: tests('money/money', 'account/account') },
  'order-rules': {
    mutate: files('shared/order', 'back-off', 'fit', 'order'),
    tests: tests('order/fit', 'order/back-off', 'order/order', 'copying/size-sell'),
  },
  'order-runs': {
    mutate: files('shared/order', 'place-once', 'resume-order'),
    tests: tests('order/resume-order', 'order/place-once'),
  },
  'copying-rules': {
    mutate: files(
      'shared/copying',
      ...['guards', 'json-text', 'lots', 'master-status', 'owed-sale', 'reach'],
      ...['size-owed', 'size', 'size-sale'],
    ),
    tests: tests(
      'copying/json-text',
      'copying/reach',
      'copying/reached-coins',
      'copying/guards',
      'copying/master-status',
      'copying/owed-sale',
      'copying/size-sell',
      'copying/size-buy',
      'copying/pairwise',
      'copying/lots',
    ),
  },
  'protection-rules': {
    mutate: files(
      'shared/protection',
      ...['circuit', 'circuit-passage', 'circuit-feed', 'decide', 'protection-settings', 'protective-exit'],
      ...['carry-out', 'hearing', 'risk', 'runaway', 'watch', 'equity-losses'],
    ),
    tests: tests(
      'protection/watch',
      'protection/equity-losses',
      'protection/hearing',
      'protection/runaway-limits',
      'protection/circuit-feed',
      'protection/carry-out-sales',
      'protection/protection-settings',
      'protection/circuit',
      'protection/decide',
      'protection/risk',
    ),
  },
  exit: {
    mutate: files(
      'shared/exit',
      ...['exit-contract', 'exit-targets', 'why-unsold', 'exit-holding', 'sell-out'],
      ...['cancel-orders', 'continuing', 'patient-session'],
    ),
    tests: tests('exit/targets', 'exit/contract', 'exit/continuing', 'exit/patience', 'exit/sell-out'),
  },
  'reconciliation-rules': {
    mutate: files('shared/reconciliation', 'follow-drift', 'holdings', 'judge-shortfall', 'own-trades'),
    tests: tests('reconciliation/judgement', 'reconciliation/own-trades'),
  },
  snapshot: {
    mutate: files('shared/snapshot', 'flows', 'measure'),
    tests: tests('snapshot/counted', 'snapshot/measure'),
  },
  'account-rules': {
    mutate: files(
      'shared/account',
      ...['account', 'asked', 'authorise', 'credentials', 'equity', 'errors', 'key-findings', 'limits'],
      ...['registration', 'sizing', 'unusable', 'unusable-codes'],
    ),
    tests: tests(
      'account/unusable',
      'account/credentials',
      'account/account',
      'account/equity',
      'account/registration',
      'account/key-findings',
      'copying/size-buy',
    ),
  },
  'ledger-rules': {
    mutate: files('shared/ledger', 'adjustment', 'apply-fills', 'drift', 'oversold'),
    tests: tests('ledger/adjustment', 'ledger/drift', 'ledger/apply-fills'),
  },
  'copying-buy-runs': {
    mutate: files(
      'shared/copying',
      'account-status',
      'context-as-settled',
      'copy-buy',
      'copy-message',
      'copy-ports',
      'following',
    ),
    tests: COPYING_RUNS,
  },
  'copying-sell-runs': {
    mutate: files('shared/copying', 'cancel-own-sales', 'copy-sell', 'run-copy'),
    tests: COPYING_RUNS,
  },
  'copying-owed-runs': {
    mutate: files('shared/copying', 'make-good', 'next-owed'),
    tests: COPYING_RUNS,
  },
  'copying-redrive-runs': {
    mutate: files('shared/copying', 'redrive-work'),
    tests: COPYING_RUNS,
  },
  'exit-runs': {
    mutate: files('shared/exit', 'begin-exit', 'exit-request', 'key-terms', 'plan-exit', 'run-exit'),
    tests: tests(
      'functions/planned-exit',
      'functions/exit',
      'functions/redrive-work',
      'functions/staked',
      'functions/busy-key',
      'functions/doubtful-orders',
      'functions/limited-key',
      'functions/asked-too-often',
      'functions/delisted',
      'functions/lagging-balances',
      'functions/stub-bids',
      'protection/refused-sales',
      'functions/metrics',
    ),
  },
  'protection-runs': {
    mutate: files('shared/protection', 'begin', 'control', 'looks', 'protect-symbol', 'protect', 'unjudged'),
    tests: tests(
      'protection/looks',
      'protection/protect-symbol',
      'protection/protect',
      'protection/check-order',
      'protection/carry-out',
      'protection/re-entry',
      'protection/refused-sales',
      'functions/control',
      'functions/runaway',
      'functions/check-without-balances',
      'functions/delisted',
      'functions/account-check',
      'functions/metrics',
    ),
  },
  'reconciliation-runs': {
    mutate: files(
      'shared/reconciliation',
      ...['adjust-positions', 'judge-holding', 'missed-fills', 'reconcile', 'settle-drifts'],
    ),
    tests: tests(
      'reconciliation/reconcile',
      'reconciliation/left-open',
      'reconciliation/long-history',
      'functions/check-without-balances',
      'functions/delisted',
      'functions/metrics',
      'reconciliation/histories',
    ),
  },
  'snapshot-runs': {
    mutate: files('shared/snapshot', 'holdings', 'take-snapshot'),
    tests: tests(
      'snapshot/take-snapshot',
      'snapshot/long-gap',
      'functions/master-flows',
      'functions/delisted',
    ),
  },
  'account-runs': {
    mutate: files(
      'shared/account',
      'attest',
      'connect',
      'key-usable',
      'key-watch',
      'register',
      'secret-name',
    ),
    tests: tests(
      'account/attest',
      'account/key-usable',
      'account/connect',
      'functions/register',
      'functions/register-again',
      'functions/registration-audit',
      'functions/circuit',
      'functions/account-check',
      'functions/copy-worker',
      'functions/metrics',
    ),
  },
  'ledger-runs': {
    mutate: files('shared/ledger', 'read', 'record-order', 'settle-doubtful'),
    tests: tests(
      'functions/doubtful-orders',
      'functions/unrecorded-sales',
      'functions/copy-worker',
      'protection/check-order',
      'ledger/record-order',
      'ledger/settle-doubtful',
    ),
  },
  caches: {
    mutate: files('shared/exchange', 'candle-cache', 'fee-cache', 'market-rules', 'ticker-cache'),
    tests: tests(
      'exchange/market-rules',
      'exchange/ticker-cache',
      'exchange/fee-cache',
      'exchange/candle-cache',
      'functions/master-tick',
      'functions/delisted-master',
    ),
  },
  strategy: {
    mutate: files(
      'shared/strategy/apex',
      ...['apex', 'entry-score', 'entry', 'indicators', 'levels', 'manage', 'market-filter', 'memory'],
      ...['plan', 'size', 'statistic'],
    ),
    tests: tests(
      ...['strategy/apex/size', 'strategy/apex/market-filter', 'strategy/apex/memory'],
      ...['strategy/apex/plan', 'strategy/apex/levels', 'strategy/apex/manage'],
      ...['strategy/apex/statistic', 'strategy/apex/entry-score', 'strategy/apex/indicators'],
      ...['strategy/apex/considered-entry', 'strategy/apex/apex'],
    ),
  },
  backtest: {
    mutate: files('shared/strategy', 'backtest-wallet', 'backtest', 'manual', 'strategies'),
    tests: tests(
      'strategy/strategies',
      'strategy/backtest-ticks',
      'strategy/backtest-figures',
      'strategy/backtest',
    ),
  },
  check: {
    mutate: [...files('shared/check', 'check-message'), ...files('shared/check/sqs', 'check-queue')],
    tests: tests('check/check-message', 'check/check-queue'),
  },
  time: {
    mutate: files('shared/time', 'clock', 'jitter', 'system-clock'),
    tests: tests('time/jitter', 'time/clock'),
  },
} as const satisfies Readonly<Record<string, Part>>;

export type PartName = keyof typeof PARTS;

export const PART_NAMES = Object.keys(PARTS) as readonly PartName[];

/** Which part a run is of, told by the environment: the configurations are read in processes of their own. */
export const PART_VARIABLE = 'NIJA_MUTATION_PART';

export const isPart = (name: string | undefined): name is PartName =>
  name !== undefined && Object.hasOwn(PARTS, name);

/** @throws where the environment names no part */
export const partOf = (env: NodeJS.ProcessEnv): Part & { readonly name: PartName } => {
  const name = env[PART_VARIABLE];
  if (!isPart(name)) {
    throw new Error(`${PART_VARIABLE} must be one of ${PART_NAMES.join(', ')} (given '${name ?? ''}')`);
  }
  return { name, ...PARTS[name] };
};
