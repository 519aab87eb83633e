import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AskedFor, Reply } from './http.ts';

/**
 * Who was given the address with the key: nobody else with an account on this machine. A browser shows it once and
 * keeps a cookie from then on, so that the key stays in no address.
 */
export interface Guests {
  readonly key: string;
  /** Undefined: whoever asks may go on. */
  turnAway(asked: AskedFor): Reply | 'STRANGER' | undefined;
}

const equal = (a: string, b: string): boolean => {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
};

/** @param secret of this server alone */
export const guestsOf = (secret: string): Guests => {
  const key = createHmac('sha256', secret).update('guests').digest('base64url');
  return {
    key,
    turnAway: ({ path, query, cookies, sent }) => {
      // Cookies know no ports: two pages on one machine must not take each other's away.
      const name = `nija-page-${sent.port}`;
      if (path === '/' && equal(query.get('key') ?? '', key))
        return { status: 303, location: '/', cookie: `${name}=${key}; HttpOnly; SameSite=Lax; Path=/` };
      return equal(cookies.get(name) ?? '', key) ? undefined : 'STRANGER';
    },
  };
};
