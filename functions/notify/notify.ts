import { InvalidInput } from '../../shared/account/errors.ts';
import { noticeOfAlarm } from '../../shared/notification/alarm.ts';
import { type DeliveryReport, deliverDue } from '../../shared/notification/deliver.ts';
import { noticesOf } from '../../shared/notification/dynamodb/changes.ts';
import { titleOf } from '../../shared/notification/format/summary.ts';
import { ingest } from '../../shared/notification/ingest.ts';
import type { Notice } from '../../shared/notification/notice.ts';
import { SECOND } from '../../shared/time/clock.ts';
import type {
  AlarmRecord,
  ChangeRecord,
  NotifyPorts,
  NotifyReport,
  UndeliveredReport,
} from './notify-contract.ts';

const NOTHING_SENT: DeliveryReport = { delivered: 0, postponed: 0, givenUp: 0, unclear: 0 };

/** It is not known of some channel what is to be told there, or what became of it. Nothing is lost; call again. */
export class NotifyUnclear extends Error {
  override readonly name = 'NotifyUnclear';
}

/** Changes of the ledger. @throws LedgerError: deliver them again */
export const tellChanges = async (
  records: readonly ChangeRecord[],
  ports: NotifyPorts,
  mayGoOn: () => boolean,
): Promise<NotifyReport> => {
  const notices = records.flatMap(({ dynamodb }) => {
    const { SequenceNumber, ApproximateCreationDateTime: seconds, NewImage, OldImage } = dynamodb;
    if (NewImage === undefined) return [];
    const at = seconds === undefined ? ports.clock.now() : seconds * SECOND;
    return readable(SequenceNumber, () => noticesOf(NewImage, OldImage, at), ports);
  });
  return await tell(notices, ports, mayGoOn);
};

/** Alarms that went off. @throws LedgerError: deliver them again */
export const tellAlarms = async (
  records: readonly AlarmRecord[],
  ports: NotifyPorts,
  mayGoOn: () => boolean,
): Promise<NotifyReport> => {
  const notices = records.flatMap(({ Sns: { MessageId, Message } }) =>
    readable(MessageId, () => noticeOfAlarm(Message, ports.stage) ?? [], ports),
  );
  return await tell(notices, ports, mayGoOn);
};

/** What cannot be read must not be in the way of what can: it is told in the log and by an alarm. */
const readable = <T>(record: string, read: () => T, { log, meter }: NotifyPorts): T | readonly [] => {
  try {
    return read();
  } catch (error) {
    log.error('there may be something to tell that could not be read', error, { record });
    meter.count('NoticeUnread', { record });
    return [];
  }
};

const tell = async (
  notices: readonly Notice[],
  ports: NotifyPorts,
  mayGoOn: () => boolean,
): Promise<NotifyReport> => {
  const noted = await ingest(notices, ports.channels, ports.outbox);
  // Whatever becomes of it: it is kept, and the schedule goes on with it.
  const sent = noted === 0 ? NOTHING_SENT : await deliverDue(ports.channels, ports, mayGoOn);
  return { noted, ...sent };
};

/** Sends what is due by now. @throws NotifyUnclear */
export const flush = async (
  { early }: { readonly early: boolean },
  ports: NotifyPorts,
  mayGoOn: () => boolean,
): Promise<NotifyReport> => {
  const sent = await deliverDue(ports.channels, ports, mayGoOn, early);
  if (sent.unclear > 0)
    throw new NotifyUnclear(
      `of ${sent.unclear} channels it is not known what is to be told: the ledger did not answer. The next call tries again`,
    );
  return { noted: 0, ...sent };
};

/** Tells one channel, or each, that notices arrive. @throws InvalidInput, LedgerError */
export const sendTest = async (
  { channel, by }: { readonly channel?: string | undefined; readonly by: string },
  ports: NotifyPorts,
  mayGoOn: () => boolean,
): Promise<NotifyReport> => {
  const asked = ports.channels.filter(({ id }) => channel === undefined || id === channel);
  if (asked.length === 0)
    throw new InvalidInput(
      `there is no such channel; ${ports.stage} has ${ports.channels.map(({ id }) => id).join(', ') || 'none: add one to notify in stages.json'} (given '${channel ?? 'all'}')`,
    );
  const notice: Notice = {
    cause: `test ${ports.chance.id()}`,
    kind: 'test',
    concerns: 'operators',
    at: ports.clock.now(),
    reason: 'asked for',
    says: `${by} asked for it`,
  };
  for (const { id } of asked) await ports.outbox.add(id, [notice]);
  return { noted: asked.length, ...(await deliverDue(asked, ports, mayGoOn)) };
};

/** What was given up within the last month. @throws LedgerError */
export const listUndelivered = async ({ channels, outbox }: NotifyPorts): Promise<UndeliveredReport> => {
  const lists = await Promise.all(channels.map(async ({ id }) => await outbox.undelivered(id)));
  return {
    undelivered: lists
      .flat()
      .map(({ channel, at, why, message }) => ({ channel, at, why, told: message.digests.map(titleOf) })),
  };
};
