import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Who may ask for an exit: a form that this server made, sent by a page of this server. The token belongs to one
 * account and one request, so a form cannot be turned to another account.
 */
export const exitTokens = (secret: string) => {
  const tokenOf = (accountId: string, requestId: string): string =>
    createHmac('sha256', secret).update(`${accountId}\n${requestId}`).digest('hex');
  return {
    tokenOf,
    holds: (accountId: string, requestId: string, token: string): boolean => {
      const [expected, given] = [tokenOf(accountId, requestId), token].map((text) => Buffer.from(text));
      return (
        expected !== undefined &&
        given !== undefined &&
        expected.length === given.length &&
        timingSafeEqual(expected, given)
      );
    },
  };
};
export type ExitTokens = ReturnType<typeof exitTokens>;

export interface Sent {
  /** Where it arrived. */
  readonly port: number;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** What the browser says of where it comes from; older ones say nothing. */
  readonly fetchSite: string | undefined;
}

/** Another name for this machine, or another site's page, is turned away: its name may be made to point here. */
export const isOwnHost = ({ host, port }: Sent): boolean =>
  host === `127.0.0.1:${port}` || host === `localhost:${port}`;

/** Where the browser says that another site's page asked; who types the address comes from nowhere. */
export const isFromElsewhere = ({ fetchSite }: Sent): boolean =>
  fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none';

/** For what changes something: only from a page of this very server. */
export const isOwnPage = (sent: Sent): boolean =>
  isOwnHost(sent) &&
  sent.origin === `http://${sent.host}` &&
  (sent.fetchSite === undefined || sent.fetchSite === 'same-origin');
