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
import { eachOf } from './at-once.ts';
import { auditEvent } from './audit-events.ts';
import type { EventView } from './contract/history-answer.ts';
import { USUAL_PERIOD_MS } from './distribution.ts';
import { keptOfEach } from './kept-events.ts';
import { assertNamesExist } from './known-names.ts';
import { type AccountsAsked, accountPage, isUser } from './pages.ts';
import type { ReportingPorts } from './ports.ts';
import type { ViewAnswerOf } from './view-contract.ts';

type Events = ViewAnswerOf<'events'>;

export interface EventsQuery extends AccountsAsked {
  readonly most: number;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** @throws LedgerError where not even the accounts can be listed; UnknownAccount of the one that is named */
export const answerEvents = async (
  { most, from: asked, to: until, ...accounts }: EventsQuery,
  ports: ReportingPorts,
): Promise<Events> => {
  const at = ports.clock.now();
  const to = until ?? at;
  const from = asked ?? Math.max(0, to - USUAL_PERIOD_MS);
  const { ids, page } = await accountPage(accounts, ports);
  const parts = [
    // With each page: no page of accounts may look as if nobody had halted anything.
    ...(accounts.accountId === undefined ? await commonEvents(ports) : []),
    ...(await eachOf(ids, async (accountId) => await eventsOf(accountId, ports))).flat(),
  ];
  const { accountId: named } = accounts;
  if (named !== undefined && parts.every(({ events: read }) => read.readable && read.value.length === 0))
    await assertNamesExist({ accountId: named }, ports);
  const events = parts
    .flatMap(({ events }) => (events.readable ? events.value : []))
    // What goes on still, or ended in this time, belongs to it.
    .filter((event) => event.at <= to && lastMoment(event) >= from)
    .sort((a, b) => b.at - a.at || (a.accountId ?? '').localeCompare(b.accountId ?? ''));
  const { kept, cutKinds } = keptOfEach(events, most);
  return {
    query: 'events',
    at,
    from,
    to,
    events: [...kept],
    cut: cutKinds.length > 0,
    cutKinds: [...cutKinds],
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
  const records = ledger.history.records(accountId);
  return await Promise.all([
    trail,
    part('protective exits', async () => (await ledger.protections.exits(accountId)).map(protectionEvent)),
    part('exits', async () => (await ledger.exits.list(accountId)).map(exitEvent)),
    part('drifts', async () => (await ledger.reconciliation.drifts(accountId)).map(driftEvent)),
    part('adjustments', async () =>
      (await ledger.reconciliation.adjustments(accountId)).map(adjustmentEvent),
    ),
    part('key state', async () => of((await records).keyState, keyEvent)),
    part('note of its master', async () => of((await records).following, masterEvent)),
  ]);
};

/** @throws Error saying why it cannot be read */
const of = <T>(read: Read<T | undefined>, eventOf: (value: T) => EventView): readonly EventView[] => {
  if (!read.readable) throw new Error(read.why);
  return read.value === undefined ? [] : [eventOf(read.value)];
};
