import * as z from 'zod';
import type { Notice } from './notice.ts';
import { Unreadable, unreadable } from './unreadable.ts';

/** What CloudWatch publishes of an alarm, as far as it is told of. */
const zAlarm = z.object({
  AlarmName: z.string().min(1),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.string(),
  NewStateReason: z.string().nullish(),
  StateChangeTime: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
});

/** What parts what an alarm means from what to do first, in its description. */
const FIRST = ' First: ';

/**
 * The notice of an alarm that went off. Undefined for one that did not, and for those of notices themselves, whose
 * e-mail is sent without us: to tell that something cannot be told would make another thing that cannot be.
 *
 * @param message what the alarm topic delivers
 * @throws Unreadable: it is no alarm
 */
export const noticeOfAlarm = (message: string, stage: string): Notice | undefined => {
  const parsed = zAlarm.safeParse(jsonOf(message));
  if (!parsed.success) throw unreadable('a message of the alarm topic', parsed.error);
  const alarm = parsed.data;
  const { AlarmName: name, StateChangeTime: changed } = alarm;
  if (alarm.NewStateValue !== 'ALARM' || name.startsWith(`nija-${stage}-notify`)) return undefined;
  const [means = '', first] = (alarm.AlarmDescription ?? '').split(FIRST);
  const says = means === '' ? (alarm.NewStateReason ?? 'it went off') : means;
  return {
    cause: `alarm ${name} ${changed}`,
    kind: 'alarm',
    concerns: 'operators',
    at: Date.parse(changed),
    reason: name,
    says: `${name}: ${says}`,
    ...(first === undefined ? {} : { todo: first }),
  };
};

const jsonOf = (message: string): unknown => {
  try {
    return JSON.parse(message);
  } catch {
    throw new Unreadable('a message of the alarm topic is not what it should be: it is no JSON');
  }
};
