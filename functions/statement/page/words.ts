import type { Origin, PartName, TrackingCause } from '../../../shared/statement/statement.ts';

/** How parts, causes and origins are called for people. */
export const PART_WORDS: Readonly<Record<PartName, string>> = {
  deposits: 'Deposits',
  withdrawals: 'Withdrawals',
  rounding: 'Rounding, less than a cent each',
  realised: 'Realised profit, before fees',
  unrealised: 'Change of unrealised profit',
  fees: 'Fees',
  handedOver: 'Gained by coins given back without a sale',
  ownHoldings: "Prices of the owner's other coins",
  otherTrades: 'Trades that are not Nija’s',
  unpriced: 'Coins that lost or got their price',
  unexplained: 'Unexplained',
};

/** Beside a bar of a drawing. */
export const PART_SHORT: Readonly<Record<PartName, string>> = {
  deposits: 'in',
  withdrawals: 'out',
  rounding: 'rounding',
  realised: 'realised',
  unrealised: 'unrealised',
  fees: 'fees',
  handedOver: 'given back',
  ownHoldings: 'own coins',
  otherTrades: 'own trades',
  unpriced: 'unpriced',
  unexplained: 'unexplained',
};

export const CAUSE_WORDS: Readonly<Record<TrackingCause, string>> = {
  latency: 'Latency: what the price had moved before the order was decided',
  slippage: 'Slippage: what it moved until the order was filled',
  fees: 'Fees, beyond the master’s own',
  skipped: 'Copies that were not made, or not in full',
  rest: 'Rest: size, idle cash, protection, own coins',
};

export const ORIGIN_WORDS: Readonly<Record<Origin, string>> = {
  copy: 'copy',
  tick: 'strategy',
  exit: 'exit',
  owed: 'late sale of a copy',
  protection: 'protection',
  other: 'not recorded',
};
