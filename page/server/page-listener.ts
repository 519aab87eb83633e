import type { RequestListener } from 'node:http';
import { exitDesk } from './exits.ts';
import { type Guests, guestsOf } from './guests.ts';
import { HEADERS, type Reply, read, refused } from './http.ts';
import { exitTokens } from './requests.ts';
import { answerRequest, type PageSite } from './routes.ts';

export interface PageOptions extends Pick<PageSite, 'source' | 'callExit' | 'newId'> {
  /** What forms are sealed with: long, random, and of this server alone. */
  readonly secret: string;
  /** Whether only who has the key of `PageListener.guests` may look; else everybody on this machine may. */
  readonly byInvitation?: boolean;
}

export interface PageListener {
  readonly guests: Guests | undefined;
  /** For a server that is bound to 127.0.0.1; answers nobody who comes by another name. */
  readonly handle: RequestListener;
  /** Resolves when no exit that was asked for here goes on any more. */
  settle(): Promise<void>;
}

/** The page as what answers requests. */
export const pageListener = ({
  source,
  callExit,
  newId,
  secret,
  byInvitation,
}: PageOptions): PageListener => {
  const desk = exitDesk(callExit, source.report);
  const guests = byInvitation === true ? guestsOf(secret) : undefined;
  const site: PageSite = { source, callExit, newId, desk, tokens: exitTokens(secret), guests };
  return {
    guests,
    handle: (request, response) => {
      const send = ({ status, body, location, cookie }: Reply): void => {
        response.writeHead(status, {
          ...HEADERS,
          ...(location === undefined ? {} : { location }),
          ...(cookie === undefined ? {} : { 'set-cookie': cookie }),
        });
        response.end(body?.text);
      };
      read(request)
        .then((asked) => answerRequest(asked, site))
        .then(send, (error: unknown) => {
          source.report('page', error);
          send(refused(500, 'The page could not be made. The log has the reason.'));
        });
    },
    settle: desk.settle,
  };
};
