import type { RequestListener } from 'node:http';
import { exitDesk } from './exits.ts';
import { HEADERS, type Reply, read, refused } from './http.ts';
import { keyPath } from './key-in-path.ts';
import { exitTokens } from './requests.ts';
import { answerRequest, type PageSite } from './routes.ts';

export interface PageOptions extends Pick<PageSite, 'source' | 'callExit' | 'newId'> {
  /** What forms are sealed with: long, random, and of this server alone. */
  readonly secret: string;
  /** Whether only who knows `PageListener.base` may look; else everybody on this machine may. */
  readonly byInvitation?: boolean;
}

export interface PageListener {
  /** What all paths begin with; empty, or unguessable. */
  readonly base: string;
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
  const base = byInvitation === true ? keyPath(secret) : '';
  const site: PageSite = { source, callExit, newId, desk, tokens: exitTokens(secret), base };
  return {
    base,
    handle: (request, response) => {
      const send = ({ status, body, location }: Reply): void => {
        response.writeHead(status, { ...HEADERS, ...(location === undefined ? {} : { location }) });
        response.end(body?.text);
      };
      read(request)
        .then((asked) => answerRequest(asked, site))
        .then(send, (error: unknown) => {
          source.report('page', error);
          send(refused(500, 'The page could not be made. The log has the reason.', undefined));
        });
    },
    settle: desk.settle,
  };
};
