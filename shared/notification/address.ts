import * as z from 'zod';
import { Secret } from '../account/credentials.ts';
import type { Channel, ChannelId } from './channel.ts';

/** Where a webhook is, and what signs what goes there: secret, all of it. */
export type Address =
  | { readonly kind: 'webhook'; readonly url: Secret; readonly signingKey: Secret }
  | { readonly kind: 'slack'; readonly url: Secret }
  | { readonly kind: 'telegram'; readonly url: Secret; readonly chatId: Secret };

/** Of a channel that has one. */
export type AddressedChannel = Exclude<Channel, { kind: 'email' }>;

/** The address of a channel cannot be had or used. Never holds a part of it. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

export interface AddressBook {
  /** @throws AddressError */
  addressOf(channel: AddressedChannel): Promise<Address>;
}

/** Where it lives: `nija/<stage>/notify/<channel>`, apart from every key of an exchange. */
export const addressName = (stage: string, channel: ChannelId): string => `nija/${stage}/notify/${channel}`;

const TELEGRAM = 'https://api.telegram.org';
const HERE = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Encrypted on its way; in the local runtime also to a receiver on the same machine. */
const isSafe = (text: string, runsHere: boolean): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (runsHere && protocol === 'http:' && HERE.has(hostname));
};
const formsOf = (runsHere: boolean) => {
  const zUrl = z
    .string()
    .max(2_048)
    .refine((text) => isSafe(text, runsHere));
  return {
    webhook: {
      says: '{"url":"https://…","signingKey":"at least 32 characters"}',
      schema: z.strictObject({ url: zUrl, signingKey: z.string().min(32).max(512) }),
    },
    slack: { says: '{"url":"https://hooks.slack.com/…"}', schema: z.strictObject({ url: zUrl }) },
    telegram: {
      says: '{"botToken":"…","chatId":"…"}',
      schema: z.strictObject({
        botToken: z.string().regex(/^[A-Za-z0-9_:-]{10,128}$/),
        chatId: z.string().regex(/^(-?\d{1,20}|@[A-Za-z0-9_]{5,32})$/),
        /** Of a Bot API server of one's own. */
        apiUrl: zUrl.default(TELEGRAM),
      }),
    },
  } as const;
};

/**
 * Reads an address as it is stored. What parsers say is not passed on, because they quote what they read.
 *
 * @param runsHere whether this is the local runtime
 * @throws AddressError
 */
export const readAddress = (
  text: string | undefined,
  channel: AddressedChannel,
  { name, runsHere }: { readonly name: string; readonly runsHere: boolean },
): Address => {
  const forms = formsOf(runsHere);
  const { says } = forms[channel.kind];
  const malformed = (): AddressError =>
    new AddressError(
      `the secret '${name}' of channel ${channel.id} (${channel.kind}) cannot be used: store ${says} as JSON text, with an address that begins with https`,
    );
  const stored = jsonOf(text, malformed);
  switch (channel.kind) {
    case 'webhook': {
      const { url, signingKey } = valid(forms.webhook.schema, stored, malformed);
      return { kind: 'webhook', url: new Secret(url), signingKey: new Secret(signingKey) };
    }
    case 'slack':
      return { kind: 'slack', url: new Secret(valid(forms.slack.schema, stored, malformed).url) };
    case 'telegram': {
      const { botToken, chatId, apiUrl } = valid(forms.telegram.schema, stored, malformed);
      const url = `${apiUrl.replace(/\/+$/, '')}/bot${botToken}/sendMessage`;
      return { kind: 'telegram', url: new Secret(url), chatId: new Secret(chatId) };
    }
  }
};

const valid = <T>(schema: z.ZodType<T>, stored: unknown, malformed: () => AddressError): T => {
  const parsed = schema.safeParse(stored);
  if (!parsed.success) throw malformed();
  return parsed.data;
};

const jsonOf = (text: string | undefined, malformed: () => AddressError): unknown => {
  if (text === undefined) throw malformed();
  try {
    return JSON.parse(text);
  } catch {
    throw malformed();
  }
};
