import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * All addresses of a page begin with a key, so that only who was given the address comes to it: nobody else with an
 * account on this machine. Unlike a cookie it goes to no other server that listens here.
 *
 * @param secret of this server alone
 * @returns `/<43 letters, digits, dashes and underscores>`
 */
export const keyPath = (secret: string): string =>
  `/${createHmac('sha256', secret).update('who may look').digest('base64url')}`;

/** The path behind `base`, as `/exit`; undefined where it does not begin with it. */
export const pathBehind = (base: string, path: string): string | undefined => {
  const begins = Buffer.from(path.slice(0, base.length));
  const expected = Buffer.from(base);
  const rest = path.slice(base.length);
  return begins.length === expected.length && timingSafeEqual(begins, expected) && rest.startsWith('/')
    ? rest
    : undefined;
};

/** From an address to the overview, for a link: `./` at the top, `../` one folder down. */
export const wayBack = (path: string): string => '../'.repeat(path.split('/').length - 2) || './';
