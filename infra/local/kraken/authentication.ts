import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { type Instant, MINUTE } from '../../../shared/time/clock.ts';
import type { ApiKey, Permission } from './accounts.ts';
import { Refusal, TEXTS } from './errors.ts';

/** Of a key's base64 secret, made once: from bytes, each signature takes three times as long. */
export const signingKey = (apiSecret: string): KeyObject => createSecretKey(apiSecret, 'base64');

/** HMAC-SHA512(path + SHA256(nonce + body), secret), which requests carry as base64. */
export const signatureOf = (secret: KeyObject, path: string, nonce: string, body: string): Buffer =>
  createHmac('sha512', secret)
    .update(path)
    .update(hash('sha256', nonce + body, 'buffer'))
    .digest();

const LOCKOUT_MS = 15 * MINUTE;
const U64 = 2n ** 64n;

export interface SignedRequest {
  readonly path: string;
  readonly nonce: string | undefined;
  readonly body: string;
  readonly signature: string | undefined;
}

/** Any one of these allows the call; an empty list needs none. */
const REQUIRED: Readonly<Record<string, readonly Permission[]>> = {
  Balance: ['query-funds'],
  BalanceEx: ['query-funds'],
  TradeBalance: ['query-funds'],
  TradeVolume: ['query-funds'],
  OpenOrders: ['query-open-trades'],
  ClosedOrders: ['query-closed-trades'],
  QueryOrders: ['query-open-trades', 'query-closed-trades'],
  TradesHistory: ['query-closed-trades'],
  QueryTrades: ['query-open-trades', 'query-closed-trades'],
  AddOrder: ['modify-trades'],
  CancelOrder: ['modify-trades', 'close-trades'],
  CancelAll: ['modify-trades', 'close-trades'],
  GetApiKeyInfo: [],
};

export class Authentication {
  readonly #lockoutAfter: number;

  constructor(lockoutAfter: number) {
    this.#lockoutAfter = lockoutAfter;
  }

  /** Accepts the nonce, for good. @throws Refusal */
  check(key: ApiKey | undefined, request: SignedRequest, endpoint: string, now: Instant): ApiKey {
    if (key === undefined || key.revoked || now >= (key.terms.validUntil ?? Number.POSITIVE_INFINITY))
      throw new Refusal(TEXTS.invalidKey);
    if (now < key.lockedUntil) throw new Refusal(TEXTS.lockout);
    const nonce = request.nonce;
    if (nonce === undefined || !/^\d{1,20}$/.test(nonce) || BigInt(nonce) >= U64) {
      return this.#fail(key, TEXTS.invalidNonce, now);
    }
    const expected = signatureOf(key.signingKey, request.path, nonce, request.body);
    const signature = Buffer.from(request.signature ?? '', 'base64');
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      return this.#fail(key, TEXTS.invalidSignature, now);
    }
    const given = BigInt(nonce);
    if (given + BigInt(key.terms.nonceWindow) <= key.lastNonce)
      return this.#fail(key, TEXTS.invalidNonce, now);
    if (given > key.lastNonce) key.lastNonce = given;
    key.lastUsedAt = now;
    key.failures = 0;
    const required = REQUIRED[endpoint];
    if (required === undefined) throw new Refusal(TEXTS.unknownMethod);
    if (required.length > 0 && !required.some((permission) => key.permissions.has(permission))) {
      throw new Refusal(TEXTS.permission);
    }
    return key;
  }

  #fail(key: ApiKey, text: string, now: Instant): never {
    key.failures += 1;
    if (key.failures >= this.#lockoutAfter) {
      key.failures = 0;
      key.lockedUntil = now + LOCKOUT_MS;
    }
    throw new Refusal(text);
  }
}
