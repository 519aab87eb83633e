import { EXIT_SCOPES } from '../../../shared/exit/exit-request.ts';
import type { FunctionName } from '../../functions/specs.ts';

/** What the Lambda console's Test button offers for a function: events by name. */
export type TestEvents = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Not an account's id, so a function that gets it refuses it and sells nothing. */
export const PLACEHOLDER = 'u-CHANGE-ME';
const MASTER_PLACEHOLDER = 'm-CHANGE-ME';

const [MANAGED, EVERYTHING] = EXIT_SCOPES;

const exitsOf = (accountId: string, suffix: string): TestEvents => ({
  [`Exit-all-DRY-RUN${suffix}`]: { accountId, scope: MANAGED, dryRun: true },
  [`Exit-all${suffix}`]: { accountId, scope: MANAGED, dryRun: false },
});

const forEach = (
  accounts: readonly string[],
  events: (accountId: string, suffix: string) => TestEvents,
): TestEvents =>
  Object.assign({}, events(PLACEHOLDER, ''), ...accounts.map((account) => events(account, `-${account}`)));

/**
 * The events of each function that an operator calls. An exit's event has no request id on purpose: with a
 * stored one, the second press, weeks later, would only find the first exit done.
 *
 * @param accounts these get events of their own, ready to press
 */
export const testEvents = (
  accounts: readonly string[],
): Partial<Readonly<Record<FunctionName, TestEvents>>> => ({
  exit: {
    ...forEach(accounts, exitsOf),
    'Exit-everything-DRY-RUN': { accountId: PLACEHOLDER, scope: EVERYTHING, dryRun: true },
    'Exit-everything': { accountId: PLACEHOLDER, scope: EVERYTHING, dryRun: false },
    'Exit-one-symbol-DRY-RUN': {
      accountId: PLACEHOLDER,
      scope: MANAGED,
      symbols: ['BTC/USD'],
      dryRun: true,
    },
    'Exit-one-symbol': { accountId: PLACEHOLDER, scope: MANAGED, symbols: ['BTC/USD'], dryRun: false },
  },
  balance: forEach(accounts, (accountId, suffix) => ({ [`Balance${suffix}`]: { accountId } })),
  'account-check': forEach(accounts, (accountId, suffix) => ({ [`Check${suffix}`]: { accountId } })),
  'check-dispatcher': { 'Check-all-accounts': {} },
  control: {
    Status: { action: 'status' },
    'Halt-all-buying': { action: 'halt', by: 'your name', why: 'what happened' },
    'Resume-buying': { action: 'resume', by: 'your name', why: 'what was done about it' },
    'Pause-copying-of-one': {
      action: 'pause-copying',
      accountId: PLACEHOLDER,
      by: 'your name',
      why: 'what happened',
    },
  },
  view: {
    Overview: { query: 'overview' },
    Doctor: { query: 'doctor' },
    'Trades-and-copies': { query: 'trades', copies: true },
    Separation: { query: 'separation' },
    'Positions-of-one': { query: 'positions', accountId: PLACEHOLDER },
  },
  statement: {
    'Month-of-one': { accountId: PLACEHOLDER, month: '2026-01' },
    'Month-of-one-as-CSV': { accountId: PLACEHOLDER, month: '2026-01', method: 'average', as: 'csv' },
  },
  dashboard: { 'The-page': {}, Documentation: { describe: true } },
  // A request id is left to be set: the same one again, weeks later, would only find the first request done.
  adopt: {
    'Show-holdings': { action: 'status', accountId: PLACEHOLDER },
    'Adopt-coins': {
      action: 'adopt',
      accountId: PLACEHOLDER,
      symbol: 'BTC/USD',
      quantity: '0.01',
      costPerUnit: '60000',
      requestId: 'CHANGE-ME',
      by: 'your name',
      why: 'asked by the owner',
    },
    'Release-position': {
      action: 'release',
      accountId: PLACEHOLDER,
      symbol: 'BTC/USD',
      requestId: 'CHANGE-ME',
      by: 'your name',
      why: 'asked by the owner',
    },
  },
  'register-user': {
    Register: {
      accountId: PLACEHOLDER,
      exchange: 'kraken',
      follows: MASTER_PLACEHOLDER,
      by: 'your name',
      why: 'a new customer',
    },
  },
  'register-master': {
    'Register-paper': {
      accountId: MASTER_PLACEHOLDER,
      exchange: 'kraken',
      strategy: { name: 'apex', symbols: ['BTC/USD', 'ETH/USD'], mode: 'paper' },
      by: 'your name',
      why: 'a new master',
    },
  },
  notify: {
    'Send-a-test': { test: { by: 'your name' } },
    'What-was-not-told': { undelivered: true },
  },
  'trade-copier': {
    'Redrive-trades': {
      redrive: { masterId: MASTER_PLACEHOLDER, since: '2026-01-31T10:00:00Z', dryRun: true },
    },
  },
});

/** As the console reads shareable events: an OpenAPI document whose examples are the events. */
export const testEventSchema = (events: TestEvents): string =>
  JSON.stringify({
    openapi: '3.0.0',
    info: { version: '1.0.0', title: 'Event' },
    paths: {},
    components: {
      schemas: { Event: { type: 'object', properties: {} } },
      examples: Object.fromEntries(Object.entries(events).map(([name, value]) => [name, { value }])),
    },
  });
