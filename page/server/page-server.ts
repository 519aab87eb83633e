import { createServer, type Server } from 'node:http';
import { exitDesk } from './exits.ts';
import { HEADERS, type Reply, read, refused } from './http.ts';
import { exitTokens } from './requests.ts';
import { answerRequest, type PageSite } from './routes.ts';

/** The port is taken; the message says which, and what to do. */
export class PagePortTaken extends Error {
  override readonly name = 'PagePortTaken';
}

export interface PageServer {
  /** `http://127.0.0.1:4601/` */
  readonly url: string;
  /** Waits for exits that go on. */
  stop(): Promise<void>;
}

export interface PageServerOptions extends Pick<PageSite, 'source' | 'callExit' | 'newId'> {
  /** Any free one unless told. */
  readonly port?: number;
  /** What forms are sealed with: long, random, and of this server alone. */
  readonly secret: string;
}

/**
 * The page on 127.0.0.1, for browsers of this machine alone.
 *
 * @throws PagePortTaken
 */
export const startPageServer = async (options: PageServerOptions): Promise<PageServer> => {
  const { source, callExit } = options;
  const desk = exitDesk(callExit, source.report);
  const server = createServer();
  const port = await listen(server, options.port ?? 0);
  const site: PageSite = {
    source,
    callExit,
    newId: options.newId,
    port,
    desk,
    tokens: exitTokens(options.secret),
  };
  server.on('request', (request, response) => {
    const send = ({ status, body, location }: Reply): void => {
      response.writeHead(status, { ...HEADERS, ...(location === undefined ? {} : { location }) });
      response.end(body?.text);
    };
    read(request)
      .then((asked) => answerRequest(asked, site))
      .then(send, (error: unknown) => {
        source.report('page', error);
        send(refused(500, 'The page could not be made. The log has the reason.'));
      });
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await desk.settle();
    },
  };
};

const listen = (server: Server, wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new PagePortTaken(`port ${wanted} is taken: stop what listens there, or choose another`, {
              cause: error,
            })
          : error,
      );
    });
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : wanted);
    });
  });
