import type { Log, Meter } from '../telemetry/telemetry.ts';
import type { Channel } from './channel.ts';
import { MOST_ATTEMPTS, type Pending } from './channel-state.ts';
import type { Courier, Delivery } from './courier.ts';
import type { Outbox } from './outbox.ts';

export interface DeliveryPorts {
  readonly outbox: Outbox;
  readonly courier: Courier;
  readonly log: Log;
  readonly meter: Meter;
}

/** Of all channels together. */
export interface DeliveryReport {
  readonly delivered: number;
  /** To be tried again. */
  readonly postponed: number;
  readonly givenUp: number;
  /** Channels of which it could not be read what is to be told, or not kept what became of it. */
  readonly unclear: number;
}

/**
 * Sends what is due, to all channels at once: none waits for another. Never throws: what is unclear is told in the
 * log, and its channel tried again at the next call.
 *
 * @param mayGoOn asked before every message
 * @param early also what is still being gathered
 */
export const deliverDue = async (
  channels: readonly Channel[],
  ports: DeliveryPorts,
  mayGoOn: () => boolean,
  early = false,
): Promise<DeliveryReport> => {
  const reports = await Promise.all(
    channels.map(async (channel) => await deliverTo(channel, ports, mayGoOn, early)),
  );
  const sum = (figure: keyof DeliveryReport) => reports.reduce((total, report) => total + report[figure], 0);
  return {
    delivered: sum('delivered'),
    postponed: sum('postponed'),
    givenUp: sum('givenUp'),
    unclear: sum('unclear'),
  };
};

const deliverTo = async (
  channel: Channel,
  ports: DeliveryPorts,
  mayGoOn: () => boolean,
  early: boolean,
): Promise<DeliveryReport> => {
  let report: DeliveryReport = { delivered: 0, postponed: 0, givenUp: 0, unclear: 0 };
  try {
    while (mayGoOn()) {
      const message = await ports.outbox.take(channel.id, early);
      if (message === undefined) return report;
      const end = await attempt(channel, message, ports);
      report = { ...report, [end]: report[end] + 1 };
      if (end === 'postponed') return report;
    }
    return report;
  } catch (error) {
    ports.log.error('what became of a message is not known; it is tried again', error, {
      channel: channel.id,
    });
    return { ...report, unclear: 1 };
  }
};

const attempt = async (
  channel: Channel,
  message: Pending,
  { outbox, courier, log, meter }: DeliveryPorts,
): Promise<'delivered' | 'postponed' | 'givenUp'> => {
  const delivery = await courier(channel, message);
  const fields = { channel: channel.id, messageId: message.id, attempt: message.attempts };
  if (delivery.state === 'DELIVERED') {
    await outbox.delivered(channel.id, message);
    meter.count('NoticeDelivered', fields);
    return 'delivered';
  }
  if (delivery.state === 'FAILED' && message.attempts < MOST_ATTEMPTS) {
    log.warn('a message did not arrive; it is tried again', { ...fields, why: delivery.why });
    await outbox.postpone(channel.id, message, delivery.why, delivery.retryAfterMs);
    return 'postponed';
  }
  const why = whyGivenUp(delivery, message);
  // Told before it is kept: who dies in between tells it twice, not never.
  log.error('a message was given up', new Undeliverable(`${channel.id} was not told: ${why}`), {
    ...fields,
    told: message.digests.map(({ kind, count }) => `${count} ${kind}`).join(', '),
  });
  meter.count('NoticeUndelivered', { ...fields, why });
  await outbox.giveUp(channel.id, message, why);
  return 'givenUp';
};

const whyGivenUp = (delivery: Exclude<Delivery, { state: 'DELIVERED' }>, { attempts }: Pending): string =>
  delivery.state === 'REFUSED' ? delivery.why : `${delivery.why} (the last of ${attempts} tries)`;

class Undeliverable extends Error {
  override readonly name = 'Undeliverable';
}
