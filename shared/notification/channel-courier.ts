import type { Clock } from '../time/clock.ts';
import { SECOND } from '../time/clock.ts';
import { type Address, type AddressBook, AddressError } from './address.ts';
import type { Pending } from './channel-state.ts';
import type { Courier, Delivery } from './courier.ts';
import { genericBody, SIGNATURE_HEADER, signatureOf } from './format/generic.ts';
import { plainMessage } from './format/plain.ts';
import { slackBody } from './format/slack.ts';
import { telegramBody } from './format/telegram.ts';
import { judgeAnswer } from './http/judge-answer.ts';
import { type Post, PostFailure } from './http/post.ts';
import type { Topic } from './sns/topic.ts';

export interface CourierPorts {
  readonly stage: string;
  readonly addresses: AddressBook;
  readonly post: Post;
  readonly topic: Topic;
  readonly clock: Clock;
}

/** Shorter than a claim: nobody else tries while one still waits. */
const TIMEOUT_MS = 5 * SECOND;

/** Tells a receiver what it has had already. */
export const MESSAGE_HEADER = 'nija-message';

export const channelCourier = (ports: CourierPorts): Courier => {
  const { stage, addresses, post, topic, clock } = ports;
  return async (channel, message) => {
    if (channel.kind === 'email') return await topic(channel.topicArn, plainMessage(message, stage));
    try {
      const address = await addresses.addressOf(channel);
      const request = requestTo(address, message, ports);
      const answer = await post({ ...request, timeoutMs: TIMEOUT_MS });
      return judgeAnswer(answer, clock.now());
    } catch (error) {
      return failureOf(error);
    }
  };
};

const requestTo = (address: Address, message: Pending, { stage, clock }: CourierPorts) => {
  const headers = { 'content-type': 'application/json; charset=utf-8', [MESSAGE_HEADER]: message.id };
  const url = address.url.reveal();
  switch (address.kind) {
    case 'webhook': {
      const body = genericBody(message, stage);
      const signature = signatureOf(body, address.signingKey, clock.now());
      return { url, body, headers: { ...headers, [SIGNATURE_HEADER]: signature } };
    }
    case 'slack':
      return { url, body: slackBody(message, stage), headers };
    case 'telegram':
      return { url, body: telegramBody(message, stage, address.chatId.reveal()), headers };
  }
};

/** Only what is known to hold nothing of an address is passed on. */
const failureOf = (error: unknown): Delivery => ({
  state: 'FAILED',
  why:
    error instanceof PostFailure || error instanceof AddressError
      ? error.message
      : `it could not be sent (${error instanceof Error ? error.name : 'unknown error'})`,
});
