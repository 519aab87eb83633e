import * as z from 'zod';
import { zAccountId } from '../../../account/account.ts';
import { ACCOUNT_SWITCHES, type AccountSwitch } from '../../../protection/control.ts';
import type { Notice } from '../../notice.ts';
import { causeOf, reading } from './reader.ts';

const common = { id: z.string(), by: z.string(), why: z.string(), at: z.number() };
const zSwitches = z.object({
  enabled: z.boolean().optional(),
  copyPaused: z.boolean().optional(),
  exitOnly: z.boolean().optional(),
} satisfies Record<AccountSwitch, z.ZodType>);
/** With the settings that a registration has changed. */
const zRegistered = z.object({ keyFingerprint: z.string(), settings: zSwitches });

const zAudit = z.union([
  z.object({
    ...common,
    subject: z.literal('halt'),
    switch: z.literal('halt'),
    before: z.string(),
    after: z.enum(['on', 'off']),
  }),
  z.object({
    ...common,
    subject: zAccountId,
    switch: z.enum(ACCOUNT_SWITCHES),
    before: z.string(),
    after: z.enum(['on', 'off']),
  }),
  z.object({ ...common, setting: z.literal('runaway') }),
  z.object({
    ...common,
    subject: zAccountId,
    setting: z.literal('registration'),
    before: zRegistered,
    after: zRegistered,
  }),
  /** What else is kept of changes: told to whoever asks for the trail. */
  z.object({ ...common, setting: z.string() }),
]);
type AuditImage = z.infer<typeof zAudit>;

/** AUDIT: a halt, its end, an account that was switched, or that has another key. */
export const auditNotices = reading(zAudit, (entry) => {
  const head = { cause: causeOf('audit', entry.id), at: entry.at };
  if ('switch' in entry) {
    return entry.before === entry.after ? [] : [{ ...head, ...switched(entry), says: saying(entry) }];
  }
  if (!('subject' in entry)) return entry.setting === 'runaway' ? [{ ...head, ...cleared(entry) }] : [];
  return [
    ...(entry.before.keyFingerprint === entry.after.keyFingerprint ? [] : [{ ...head, ...rotated(entry) }]),
    ...switchedIn(entry).map((one) => ({
      cause: causeOf('audit', entry.id, one.switch),
      at: entry.at,
      ...switched(one),
      says: saying(one),
    })),
  ];
});

type RegistrationImage = Extract<AuditImage, { setting: 'registration' }>;

const switchedIn = ({ subject, by, why, before, after }: RegistrationImage): readonly SwitchImage[] =>
  ACCOUNT_SWITCHES.flatMap((name) => {
    const now = after.settings[name];
    if (now === undefined || now === before.settings[name]) return [];
    return [{ subject, by, why, switch: name, after: now ? 'on' : 'off' }];
  });

type SwitchImage = Pick<
  Extract<AuditImage, { switch: string }>,
  'subject' | 'by' | 'why' | 'switch' | 'after'
>;
type Told = Pick<Notice, 'kind' | 'concerns' | 'reason' | 'toOwners'>;

const switched = (entry: SwitchImage): Told => {
  if (entry.subject !== 'halt')
    return {
      kind: 'switched',
      concerns: entry.subject,
      reason: `${entry.switch} ${entry.after}`,
      toOwners: {
        reason: `${entry.switch} ${entry.after}`,
        says: `${entry.switch} of ${entry.subject} was switched ${entry.after}`,
      },
    };
  const kind = entry.after === 'on' ? 'halted' : 'resumed';
  const says = kind === 'halted' ? 'all buying was halted' : 'buying was resumed';
  return {
    kind,
    concerns: 'everyone',
    reason: `by ${entry.by}`,
    toOwners: { reason: 'by the operators', says },
  };
};

const saying = (entry: SwitchImage): string => {
  const { by, why, after } = entry;
  if (entry.subject !== 'halt')
    return `${entry.switch} of ${entry.subject} was switched ${after} by ${by}: ${why}`;
  return after === 'on' ? `${by} halted all buying: ${why}` : `${by} resumed buying: ${why}`;
};

const cleared = ({ by, why }: AuditImage): Told & Pick<Notice, 'says'> => ({
  kind: 'resumed',
  concerns: 'everyone',
  reason: `by ${by}`,
  says: `${by} cleared the breaker over all accounts: ${why}`,
  toOwners: { reason: 'by the operators', says: 'buying was resumed' },
});

const rotated = ({ subject, by, why, after }: RegistrationImage): Told & Pick<Notice, 'says'> => ({
  kind: 'switched',
  concerns: subject,
  reason: 'another key',
  says: `${by} registered ${subject} with another key (fingerprint ${after.keyFingerprint}): ${why}`,
  toOwners: {
    reason: 'another key',
    says: `${subject} is registered with another key (fingerprint ${after.keyFingerprint})`,
  },
});

const zRunaway = z.object({
  trip: z.object({ at: z.number(), why: z.string() }).optional(),
});

/** RUNAWAY: the breaker over all accounts tripped. */
export const runawayNotices = reading(zRunaway, ({ trip }, before) =>
  trip === undefined || before?.trip?.at === trip.at
    ? []
    : [
        {
          cause: causeOf('runaway', trip.at),
          kind: 'runaway-tripped',
          concerns: 'everyone',
          at: trip.at,
          reason: 'tripped',
          says: `nobody buys any more: ${trip.why}`,
          toOwners: {
            reason: 'tripped',
            says: 'nobody buys any more: all accounts together bought more than they may within minutes',
          },
        },
      ],
);
