/** What is mutated together, and the tests it is held to. */
export interface Part {
  readonly mutate: readonly string[];
  /** The quickest first: a mutant is dead with the first test that fails. */
  readonly tests: readonly string[];
}

const files = (folder: string, ...names: readonly string[]): readonly string[] =>
  names.map((name) => `${folder}/${name}.ts`);

const tests = (...names: readonly string[]): readonly string[] => names.map((name) => `test/${name}.test.ts`);

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
    mutate: files('shared/ledger', 'adjustment', 'apply-fills', 'drift'),
    tests: tests('ledger/adjustment', 'ledger/drift', 'ledger/apply-fills'),
  },
  'ledger-runs': {
    mutate: files('shared/ledger', 'record-order'),
    tests: tests('ledger/record-order'),
  },
  strategy: {
    mutate: files('shared/strategy/apex', 'levels', 'manage', 'market-filter', 'memory', 'plan', 'size'),
    tests: tests(
      ...['strategy/apex/size', 'strategy/apex/market-filter', 'strategy/apex/memory'],
      ...['strategy/apex/plan', 'strategy/apex/levels', 'strategy/apex/manage'],
    ),
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
