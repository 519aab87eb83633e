import type { FunctionName } from './specs.ts';

/** Reads and writes of items by key; the names are DynamoDB's, without its prefix. */
export const TABLE_ACTIONS = [
  'GetItem',
  'BatchGetItem',
  'Query',
  'ConditionCheckItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
] as const;
export type TableAction = (typeof TABLE_ACTIONS)[number];

/** Partition keys of the table: an exact one, or all that begin with what stands before the `*`. */
export type KeyPattern =
  | 'u-*'
  | 'm-*'
  | 'key#*'
  | 'status#*'
  | 'market#*'
  | 'control'
  | 'runaway'
  | 'rate#*'
  | 'notice#*';

/** The same for indexes; `lsi1` has the partition key of the table. No function lists unfinished work. */
export type IndexAccess =
  | { readonly index: 'gsi1'; readonly keys: readonly 'followers#*'[] }
  | { readonly index: 'gsi2'; readonly keys: readonly ('accounts#user#*' | 'accounts#master#*')[] }
  | { readonly index: 'lsi1'; readonly keys: readonly ('u-*' | 'm-*')[] };

/** What a function may do with the ledger; an action that is absent, it may not do at all. */
export interface LedgerAccess {
  readonly table: Partial<Readonly<Record<TableAction, readonly KeyPattern[]>>>;
  /** Indexes are only ever queried. */
  readonly indexes: readonly IndexAccess[];
}

/** Who buys or sells: orders, fills and positions of its own accounts, and the orders in doubt among them. */
const trading = <Own extends 'u-*' | 'm-*'>(own: Own) =>
  ({ BatchGetItem: [own], Query: [own, 'market#*'], ConditionCheckItem: [own] }) as const;

/** An account's profile and lease, whose key it has (`key#`), and the cache of market rules. */
const connecting = <Own extends 'u-*' | 'm-*'>(own: Own) =>
  ({
    GetItem: [own, 'key#*'],
    Query: ['market#*'],
    PutItem: [own, 'market#*'],
    UpdateItem: [own],
  }) as const;

/** A key changes its owner only here. */
const registering = <Own extends 'u-*' | 'm-*'>(own: Own) =>
  ({ ...connecting(own), PutItem: [own, 'key#*', 'market#*'], DeleteItem: ['key#*'] }) as const;

/** For who only looks: all accounts, the switches, and whose each key is; nothing is written. */
const LOOKING = {
  table: {
    GetItem: ['key#*', 'status#*', 'control', 'runaway'],
    BatchGetItem: ['u-*', 'm-*'],
    Query: ['u-*', 'm-*', 'control'],
  },
  indexes: [
    { index: 'gsi1', keys: ['followers#*'] },
    { index: 'gsi2', keys: ['accounts#user#*', 'accounts#master#*'] },
    { index: 'lsi1', keys: ['u-*', 'm-*'] },
  ],
} as const;

/** What a copy is decided on is read at once, and one by one where that fails. */
const COPYING = {
  ...connecting('u-*'),
  ...trading('u-*'),
  GetItem: ['u-*', 'key#*', 'control', 'status#*', 'runaway'],
  BatchGetItem: ['u-*', 'control', 'status#*', 'runaway', 'rate#*'],
  // BUYs are counted among those of all accounts, and trip the breaker over them; switches are not theirs to set.
  PutItem: ['u-*', 'market#*', 'runaway'],
  UpdateItem: ['u-*', 'rate#*'],
} as const;

/**
 * What each function does with the ledger, by partition key. No function that works with a user's key touches an
 * item of a master (`m-*`), and none with a master's key one of a user (`u-*`): the status that a master
 * publishes is all that passes between them. The copier, which has no key, stands above both: it reads trades of
 * masters and writes copies of users.
 */
export const LEDGER_ACCESS: Readonly<Record<FunctionName, LedgerAccess>> = {
  'master-tick': {
    table: {
      ...connecting('m-*'),
      ...trading('m-*'),
      GetItem: ['m-*', 'key#*', 'control', 'runaway'],
      BatchGetItem: ['m-*', 'rate#*'],
      PutItem: ['m-*', 'status#*', 'market#*', 'runaway'],
      UpdateItem: ['m-*', 'rate#*'],
      // A closed position's plan.
      DeleteItem: ['m-*'],
    },
    indexes: [{ index: 'lsi1', keys: ['m-*'] }],
  },
  'register-master': { table: registering('m-*'), indexes: [] },
  'trade-copier': {
    // COPY rows, read where a trade comes again. A trade comes with its event, or by its time from the local
    // index, which of a master holds nothing else but its open orders.
    table: { BatchGetItem: ['u-*'], PutItem: ['u-*'] },
    indexes: [
      { index: 'gsi1', keys: ['followers#*'] },
      { index: 'lsi1', keys: ['m-*'] },
    ],
  },
  'copy-worker': { table: COPYING, indexes: [{ index: 'lsi1', keys: ['u-*'] }] },
  'register-user': { table: registering('u-*'), indexes: [] },
  balance: {
    table: { ...connecting('u-*'), GetItem: ['u-*', 'key#*', 'status#*'] },
    indexes: [],
  },
  exit: {
    table: { ...connecting('u-*'), ...trading('u-*') },
    indexes: [{ index: 'lsi1', keys: ['u-*'] }],
  },
  adopt: {
    table: { ...connecting('u-*'), ...trading('u-*') },
    indexes: [{ index: 'lsi1', keys: ['u-*'] }],
  },
  // The operator's: sets switches, limits and symbols in the profiles of users, and keeps who did so.
  control: {
    table: {
      GetItem: ['control', 'u-*', 'runaway'],
      // Of a user: what a check has set.
      Query: ['control', 'u-*'],
      ConditionCheckItem: ['control', 'u-*'],
      // To resume clears the breaker over all accounts.
      PutItem: ['control', 'runaway'],
      UpdateItem: ['u-*'],
    },
    indexes: [],
  },
  'check-dispatcher': { table: {}, indexes: [{ index: 'gsi2', keys: ['accounts#user#*'] }] },
  // Operators look at all accounts through it; it has no key, reaches no exchange, and writes nothing at all.
  view: LOOKING,
  // The account's own items, and of its master what return and fees are told by; it writes nothing either.
  statement: { table: { GetItem: ['u-*', 'm-*'], Query: ['u-*', 'm-*'] }, indexes: [] },
  // The page of all accounts, made from the same answers.
  dashboard: LOOKING,
  // It runs again the copies that were given up.
  'account-check': { table: COPYING, indexes: [{ index: 'lsi1', keys: ['u-*'] }] },
  // Changes come with its events. What is to be told it keeps apart from all else, and lists what was given up.
  notify: {
    table: {
      GetItem: ['notice#*'],
      BatchGetItem: ['notice#*'],
      Query: ['notice#*'],
      PutItem: ['notice#*'],
    },
    indexes: [],
  },
};
