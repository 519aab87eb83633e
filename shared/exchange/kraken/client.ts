import Kraken from '../../../node_modules/ccxt/js/src/kraken.js';
import type { Credentials } from '../../account/credentials.ts';
import type { NonceSource } from '../exchange.ts';
import { type Caller, codeOfTransport, failure } from './answer.ts';
import { type HttpAnswer, send, type Transport, TransportFailure } from './transport.ts';

export const KRAKEN_URL = 'https://api.kraken.com';

export type Params = Readonly<Record<string, string>>;

/** Calls by endpoint name. Answers come raw; see answer.ts for reading them. */
export interface KrakenClient {
  readonly caller: Caller;
  /**
   * @throws TransportFailure without a complete answer; ExchangeError when the request could not even be
   * signed; whatever the nonce source throws. After the latter two nothing was sent.
   */
  call(endpoint: string, params: Params): Promise<HttpAnswer>;
  /** As `call`, for what may be asked twice: failures of the transport are ExchangeErrors. */
  ask(endpoint: string, params: Params): Promise<HttpAnswer>;
}

/**
 * ccxt names, encodes and signs the requests. Its unified methods are not used: they need loaded markets, turn
 * a lost answer into an order without id, and put URLs into errors. So ccxt's `fetch` hands on status and body
 * as they came, and every answer is read by our own schemas, money as text from wire to decimal.
 */
class RawKraken extends Kraken {
  readonly transport: Transport = send;

  override fetch(
    url: string,
    method = 'GET',
    headers: Readonly<Record<string, string>> | undefined = undefined,
    body: string | undefined = undefined,
  ): Promise<HttpAnswer> {
    return this.transport({ url, method, headers: headers ?? {}, body, timeoutMs: this.timeout });
  }
}

let constants: RawKraken | undefined;

/**
 * A ccxt object without any credentials: it can make public calls and nothing else. What every Kraken has in
 * common takes 2.7 ms of CPU to build, so it is built once for each process and inherited.
 */
export const keylessKraken = (options: {
  readonly url: string;
  readonly timeoutMs: number;
  readonly transport: Transport;
}): RawKraken => {
  constants ??= new RawKraken({ enableRateLimit: false, maxRetriesOnFailure: 0 });
  const { url, timeoutMs, transport } = options;
  return Object.create(constants, {
    urls: { value: { api: { public: url, private: url } } },
    timeout: { value: timeoutMs },
    transport: { value: transport },
  });
};

/**
 * One account's own ccxt object: everything that identifies the account (key, secret, nonce) is its own,
 * everything else is inherited from an object that has no key.
 */
const keyed = (keyless: RawKraken, credentials: Credentials, nonce: () => number): RawKraken =>
  Object.create(keyless, {
    apiKey: { value: credentials.apiKey.reveal() },
    secret: { value: credentials.apiSecret.reveal() },
    nonce: { value: nonce },
  });

const asking = (call: KrakenClient['call'], caller: Caller): KrakenClient['ask'] => {
  const once = async (endpoint: string, params: Params, again: boolean): Promise<HttpAnswer> => {
    try {
      return await call(endpoint, params);
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error;
      // After a pause the other side has often closed a kept-alive connection: a new one will do.
      if (error.kind === 'STALE' && again) return once(endpoint, params, false);
      throw failure(caller, endpoint, codeOfTransport(error), error.message);
    }
  };
  return (endpoint, params) => once(endpoint, params, true);
};

/** Public calls. */
export const publicClient = (keyless: RawKraken): KrakenClient => {
  const caller: Caller = { who: 'the public', secrets: [] };
  const call = async (endpoint: string, params: Params): Promise<HttpAnswer> =>
    keyless.request(endpoint, 'public', 'GET', { ...params });
  return { caller, call, ask: asking(call, caller) };
};

/** Whether ccxt can sign with these; otherwise it would throw errors of its own. */
const canSign = (apiKey: string, apiSecret: string): boolean =>
  /^[\x21-\x7e]+$/.test(apiKey) &&
  apiSecret !== '' &&
  Buffer.from(apiSecret, 'base64').toString('base64') === apiSecret;

/** Private calls of one account, strictly one after the other: Kraken wants a key's nonces in order. */
export const privateClient = (
  keyless: RawKraken,
  input: { readonly accountId: string; readonly credentials: Credentials; readonly nonces: NonceSource },
): KrakenClient => {
  const { credentials, nonces } = input;
  const caller: Caller = {
    who: `account ${input.accountId}`,
    secrets: [credentials.apiKey.reveal(), credentials.apiSecret.reveal()],
  };
  let nonce = 0;
  const kraken = keyed(keyless, credentials, () => nonce);
  const signable = canSign(kraken.apiKey, kraken.secret);

  const sendOne = async (endpoint: string, params: Params): Promise<HttpAnswer> => {
    if (!signable) {
      throw failure(caller, endpoint, 'INVALID_KEY', 'the API key is empty or its private key is not base64');
    }
    nonce = nonces.next();
    return kraken.request(endpoint, 'private', 'POST', { ...params });
  };

  let last: Promise<unknown> = Promise.resolve();
  const call = (endpoint: string, params: Params): Promise<HttpAnswer> => {
    const run = last.then(() => sendOne(endpoint, params));
    // The caller sees the failure; the next call only needs to know that this one is over.
    last = run.then(
      () => undefined,
      () => undefined,
    );
    return run;
  };
  return { caller, call, ask: asking(call, caller) };
};
