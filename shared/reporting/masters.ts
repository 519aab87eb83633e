import type { AccountId } from '../account/account.ts';
import { healthFrom } from '../copying/master-status.ts';
import { attemptRead } from '../ledger/read.ts';
import { readValue, type Surroundings } from './account-facts.ts';
import { eachOf } from './at-once.ts';
import type { Finding } from './contract/finding.ts';
import type { MasterHealthView } from './contract/master-answer.ts';
import type { ReportingPorts } from './ports.ts';
import type { ViewAnswerOf } from './view-contract.ts';

type Halts = ViewAnswerOf<'masters'>['halts'];

/** Of so many followers it is asked since when they have seen their master as it is. */
const WITNESSES = 5;

/** Masters as their followers see them. Never throws. */
export const readMasters = async (
  masterIds: readonly AccountId[],
  around: Surroundings,
  ports: ReportingPorts,
): Promise<readonly MasterHealthView[]> =>
  await eachOf(masterIds, async (masterId) => await readMaster(masterId, around, ports));

const readMaster = async (
  masterId: AccountId,
  around: Surroundings,
  { ledger }: ReportingPorts,
): Promise<MasterHealthView> => {
  const { at } = around;
  const [read, records, followers] = await Promise.all([
    around.statusOf(masterId),
    ledger.history.records(masterId),
    attemptRead(async () => {
      const ids: AccountId[] = [];
      for await (const page of ledger.accounts.followersOf(masterId)) ids.push(...page);
      return ids;
    }),
  ]);
  const health = healthFrom(read, at);
  const status = readValue(read);
  const strategy = readValue(records.profile)?.strategy;
  const since = await sinceOf(masterId, health.healthy, readValue(followers) ?? [], ledger);
  return {
    masterId,
    healthy: health.healthy,
    reason: health.healthy ? 'ok' : health.reason,
    ...(status === undefined
      ? {}
      : { lastTick: { at: status.at, ageMs: Math.max(0, at - status.at), periodMs: status.periodMs } }),
    ...(since === undefined ? {} : { since }),
    ...(strategy === undefined ? {} : { mode: strategy.mode, strategy: strategy.name }),
    ...(followers.readable ? { followers: followers.value.length } : {}),
  };
};

/** The first of its followers' notes that says the same of it. */
const sinceOf = async (
  masterId: AccountId,
  healthy: boolean,
  followers: readonly AccountId[],
  { history }: ReportingPorts['ledger'],
): Promise<number | undefined> => {
  const notes = await eachOf(followers.slice(0, WITNESSES), async (id) => await history.records(id));
  const moments = notes.flatMap(({ following }) => {
    const note = readValue(following);
    const same = note?.masterId === masterId && (note.state === 'following') === healthy;
    return note !== undefined && same ? [note.since] : [];
  });
  return moments.length === 0 ? undefined : Math.min(...moments);
};

export const haltsOf = ({ halt, breaker }: Pick<Surroundings, 'halt' | 'breaker'>): Halts => ({
  halt: !halt.readable
    ? { state: 'unreadable', why: halt.why }
    : halt.value.engaged
      ? { state: 'on', by: halt.value.by, why: halt.value.why, since: halt.value.since }
      : { state: 'off' },
  breaker: !breaker.readable
    ? { state: 'unreadable', why: breaker.why }
    : breaker.value.trip === undefined
      ? { state: 'off' }
      : {
          state: 'on',
          by: breaker.value.trip.by,
          why: breaker.value.trip.why,
          since: breaker.value.trip.at,
        },
});

/** What concerns all accounts, or a master's followers. */
export const commonFindings = (
  masters: readonly MasterHealthView[],
  { halt, breaker }: Halts,
): readonly Finding[] => [
  ...masters.flatMap(masterFindings),
  ...(halt.state === 'on'
    ? [
        {
          severity: 'warning' as const,
          code: 'HALTED',
          what: `all buying is halted by ${halt.by}: ${halt.why}`,
          remedy: 'sales, exits and balances go on; when the reason is gone, run control with action resume',
        },
      ]
    : []),
  ...(breaker.state === 'on'
    ? [
        {
          severity: 'critical' as const,
          code: 'BREAKER_TRIPPED',
          what: `the breaker over all accounts has tripped: ${breaker.why}`,
          remedy: 'find out what bought so much before anything else; then run control with action resume',
        },
      ]
    : []),
  ...[halt, breaker].flatMap((one) =>
    one.state === 'unreadable'
      ? [
          {
            severity: 'critical' as const,
            code: 'SWITCH_UNREADABLE',
            what: `a switch that stops all buying cannot be read, so nobody buys: ${one.why}`,
            remedy: 'run control with action halt, or resume: that writes the switch anew',
          },
        ]
      : [],
  ),
];

const masterFindings = ({
  masterId,
  healthy,
  reason,
  followers,
  mode,
}: MasterHealthView): readonly Finding[] => [
  ...(healthy
    ? []
    : [
        {
          severity: 'critical' as const,
          code: 'MASTER_UNHEALTHY',
          accountId: masterId,
          what: `it is not healthy: ${reason}. ${followers === undefined ? 'Its followers copy' : `Its ${followers} followers copy`} no purchase; all else of theirs works`,
          remedy: 'see the log of master-tick, its key, and whether its schedule is on',
        },
      ]),
  ...(mode === 'paper'
    ? [
        {
          severity: 'info' as const,
          code: 'MASTER_ON_PAPER',
          accountId: masterId,
          what: 'its strategy decides on paper and sends no order',
          remedy: 'to go live, register it again with mode live',
        },
      ]
    : []),
];
