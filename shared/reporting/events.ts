import type { AccountId } from '../account/account.ts';
import { attemptRead, type Read } from '../ledger/read.ts';
import { text } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';
import {
  adjustmentEvent,
  driftEvent,
  exitEvent,
  keyEvent,
  masterEvent,
  protectionEvent,
} from './account-events.ts';
import { readValue } from './account-facts.ts';
import { eachOf } from './at-once.ts';
import { auditEvent } from './audit-events.ts';
import type { EventView } from './contract/history-answer.ts';
import { USUAL_PERIOD_MS } from './distribution.ts';
import { type AccountsAsked, accountPage, isFirstPage, isUser } from './pages.ts';
import type { ReportingPorts } from './ports.ts';
import type { ViewAnswerOf } from './view-contract.ts';

type Events = ViewAnswerOf<'events'>;

export interface EventsQuery extends AccountsAsked {
  readonly most: number;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** @throws LedgerError where not even the accounts can be listed */
export const answerEvents = async (
  { most, from: asked, to: until, ...accounts }: EventsQuery,
  ports: ReportingPorts,
): Promise<Events> => {
  const at = ports.clock.now();
  const to = until ?? at;
  const from = asked ?? Math.max(0, to - USUAL_PERIOD_MS);
  const { ids, page } = await accountPage(accounts, ports);
  const ofAll = isFirstPage(accounts) && accounts.accountId === undefined;
  const parts = [
    ...(ofAll ? await commonEvents(ports) : []),
    ...(await eachOf(ids, async (accountId) => await eventsOf(accountId, ports))).flat(),
  ];
  const events = parts
    .flatMap(({ events }) => (events.readable ? events.value : []))
    // What goes on still, or ended in this time, belongs to it.
    .filter((event) => event.at <= to && lastMoment(event) >= from)
    .sort((a, b) => b.at - a.at || (a.accountId ?? '').localeCompare(b.accountId ?? ''));
  return {
    query: 'events',
    at,
    from,
    to,
    events: events.slice(0, most),
    cut: events.length > most,
    failing: parts.flatMap(({ accountId, part, events: read }) =>
      read.readable ? [] : [{ ...(accountId === undefined ? {} : { accountId }), part, why: read.why }],
    ),
    page,
  };
};

const GOES_ON: ReadonlySet<string> = new Set(['RUNNING', 'OPEN']);

const lastMoment = ({ at, endedAt, state }: EventView): Instant =>
  endedAt ?? (state !== undefined && GOES_ON.has(state) ? Number.MAX_SAFE_INTEGER : at);

interface Part {
  readonly accountId?: AccountId;
  readonly part: string;
  readonly events: Read<readonly EventView[]>;
}

/** Of what concerns all accounts. Never throws. */
const commonEvents = async ({ ledger }: ReportingPorts): Promise<readonly Part[]> => [
  {
    part: 'halts',
    events: await attemptRead(async () => (await ledger.control.trail('halt')).map(auditEvent)),
  },
  {
    part: 'breaker over all accounts',
    events: await attemptRead(async () => {
      const { trip } = await ledger.control.runaway();
      return trip === undefined
        ? []
        : [
            {
              at: trip.at,
              kind: 'runaway' as const,
              severity: 'critical' as const,
              what: `the breaker over all accounts tripped: ${trip.why}`,
              state: 'OPEN',
              numbers: { orders: String(trip.orders), notional: text(trip.notional), by: trip.by },
            },
          ];
    }),
  },
];

/** Never throws: one part that cannot be read hides no other. */
const eventsOf = async (accountId: AccountId, { ledger }: ReportingPorts): Promise<readonly Part[]> => {
  const part = async (name: string, read: () => Promise<readonly EventView[]>): Promise<Part> => ({
    accountId,
    part: name,
    events: await attemptRead(read),
  });
  const trail = part('audit trail', async () => (await ledger.control.trail(accountId)).map(auditEvent));
  if (!isUser(accountId)) return [await trail];
  return await Promise.all([
    trail,
    part('protective exits', async () => (await ledger.protections.exits(accountId)).map(protectionEvent)),
    part('exits', async () => (await ledger.exits.list(accountId)).map(exitEvent)),
    part('drifts', async () => (await ledger.reconciliation.drifts(accountId)).map(driftEvent)),
    part('adjustments', async () =>
      (await ledger.reconciliation.adjustments(accountId)).map(adjustmentEvent),
    ),
    part('key and master', async () => {
      const { keyState, following } = await ledger.history.records(accountId);
      const [key, master] = [readValue(keyState), readValue(following)];
      return [
        ...(key === undefined ? [] : [keyEvent(key)]),
        ...(master === undefined ? [] : [masterEvent(master)]),
      ];
    }),
  ]);
};
