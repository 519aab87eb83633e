import type { AlarmClock } from '../../infra/local/clock/virtual-clock.ts';
import type { Answer, Call } from '../../infra/local/kraken/respond.ts';
import type { KrakenSimulator } from '../../infra/local/kraken/simulator.ts';
import {
  type HttpAnswer,
  type HttpRequest,
  type Transport,
  TransportFailure,
} from '../../shared/exchange/kraken/transport.ts';

/** What functions are given as the exchange's address: nobody listens there, and nobody is asked to. */
export const IN_PROCESS_URL = 'http://127.0.0.1:1';

export interface InProcessOptions {
  readonly exchange: Pick<KrakenSimulator, 'receive'>;
  /** Of the faults that take time and of callers who give up. */
  readonly clock: Pick<AlarmClock, 'now' | 'at'>;
  /** Where the caller seems to be; the exchange limits public calls by it. */
  readonly address?: string;
}

/**
 * Requests that reach the exchange without a socket, at the moment they are made, and are answered at once
 * unless a fault of the exchange says otherwise. A caller waits for `timeoutMs` of the clock.
 */
export const inProcessTransport = ({
  exchange,
  clock,
  address = '127.0.0.1',
}: InProcessOptions): Transport => {
  const later = (ms: number, run: () => void) => clock.at(clock.now() + ms, run);
  return (request) =>
    new Promise<HttpAnswer>((resolve, reject) => {
      const giveUp = (): void => reject(failure('TIMEOUT', `no answer within ${request.timeoutMs} ms`));
      const reaction = exchange.receive(callOf(request, address));
      switch (reaction.kind) {
        case 'ANSWER':
          if (reaction.afterMs === 0) resolve(seen(reaction.answer));
          else if (reaction.afterMs < request.timeoutMs)
            later(reaction.afterMs, () => resolve(seen(reaction.answer)));
          else later(request.timeoutMs, giveUp);
          return;
        case 'LATER':
          // Carried out even where the caller has given up: settling a promise again changes nothing.
          later(reaction.afterMs, () => resolve(seen(reaction.carryOut())));
          if (reaction.afterMs >= request.timeoutMs) later(request.timeoutMs, giveUp);
          return;
        case 'SILENCE':
          later(request.timeoutMs, giveUp);
          return;
        case 'HANG_UP':
          reject(failure('BROKEN', 'the connection broke (ECONNRESET)'));
          return;
      }
    });
};

const failure = (kind: 'TIMEOUT' | 'BROKEN', message: string) => new TransportFailure(kind, message);

const seen = ({ status, body }: Answer): HttpAnswer => ({ status, body });

const callOf = ({ url, headers, body }: HttpRequest, address: string): Call => {
  // Cheaper than a whole URL, of which nothing else is wanted.
  const path = url.slice(url.indexOf('/', url.indexOf('//') + 2));
  const mark = path.indexOf('?');
  return {
    path: mark < 0 ? path : path.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : path.slice(mark)),
    body: body ?? '',
    isJson: headers['Content-Type']?.includes('application/json') ?? false,
    apiKey: headers['API-Key'],
    signature: headers['API-Sign'],
    address,
  };
};
