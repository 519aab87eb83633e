import { createHmac } from 'node:crypto';
import type { Secret } from '../../account/credentials.ts';
import { type Instant, iso, SECOND } from '../../time/clock.ts';
import { ADVICE } from '../advice.ts';
import type { Pending } from '../channel-state.ts';
import { plainMessage } from './plain.ts';
import { severityOf, titleOf, todoOf } from './summary.ts';

/** The body of a generic webhook: everything in fields, and the same as text. */
export const genericBody = (message: Pending, stage: string): string =>
  JSON.stringify({
    id: message.id,
    stage,
    createdAt: iso(message.createdAt),
    severity: severityOf(message),
    ...plainMessage(message, stage),
    notices: message.digests.map((digest) => ({
      ...digest,
      severity: ADVICE[digest.kind].severity,
      title: titleOf(digest),
      todo: todoOf(digest),
      firstAt: iso(digest.firstAt),
      lastAt: iso(digest.lastAt),
      examples: digest.examples.map((example) => ({ ...example, at: iso(example.at) })),
    })),
  });

export const SIGNATURE_HEADER = 'nija-signature';

/**
 * `t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>` with the channel's signing key. A receiver
 * computes it over the body as it came, compares in constant time, and refuses a `t` that is minutes old.
 */
export const signatureOf = (body: string, signingKey: Secret, at: Instant): string => {
  const seconds = Math.floor(at / SECOND);
  const hmac = createHmac('sha256', signingKey.reveal()).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${hmac}`;
};
