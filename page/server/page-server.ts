import { createServer, type Server } from 'node:http';
import { type PageOptions, pageListener } from './page-listener.ts';

/** The port is taken; the message says which, and what to do. */
export class PagePortTaken extends Error {
  override readonly name = 'PagePortTaken';
}

export interface PageServer {
  /** `http://127.0.0.1:4601/`, with a key behind it where it is by invitation. */
  readonly url: string;
  /** Waits for exits that go on. */
  stop(): Promise<void>;
}

export interface PageServerOptions extends PageOptions {
  /** Any free one unless told. */
  readonly port?: number;
}

/**
 * The page on 127.0.0.1, for browsers of this machine alone.
 *
 * @throws PagePortTaken
 */
export const startPageServer = async (options: PageServerOptions): Promise<PageServer> => {
  const page = pageListener(options);
  const server = createServer(page.handle);
  const bound = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${bound}${page.base}/`,
    stop: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await page.settle();
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
