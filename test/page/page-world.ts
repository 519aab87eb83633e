import { createHandler as exitHandler } from '../../functions/exit/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { type PageServer, startPageServer } from '../../page/server/page-server.ts';
import { dynamoReadingLedger } from '../../shared/ledger/dynamodb/reading-ledger.ts';
import { answerView } from '../../shared/reporting/answer.ts';
import { zViewQuery } from '../../shared/reporting/view-contract.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { openLab } from '../functions/lab.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';

/** A real ledger, the real exit at the simulated exchange, and the page on both. */
export const openPageWorld = async () => {
  const lab = await openLab();
  const reporting = {
    ledger: dynamoReadingLedger(lab.table),
    clock: lab.clock,
    stage: 'test',
    checkEveryMs: 15 * MINUTE,
    secretReaders: { master: [], user: [] },
  };
  const handler = exitHandler(lab.host);
  const failures: string[] = [];
  let ids = 0;
  const server: PageServer = await startPageServer({
    source: {
      ask: async (request) =>
        JSON.parse(JSON.stringify(await answerView(zViewQuery.parse(request), reporting))),
      now: () => lab.clock.now(),
      report: (part, error) => failures.push(`${part}: ${String(error)}`),
    },
    callExit: async (event) =>
      JSON.parse(JSON.stringify(await invoke({ name: 'exit', handler, timeoutMs: 60_000 }, event))),
    newId: () => {
      ids += 1;
      return String(ids);
    },
    secret: 'of this test alone',
  });
  return {
    lab,
    url: server.url,
    failures,
    /** An account with positions of Nija's in two markets. */
    holder: async (accountId: string): Promise<void> => {
      await lab.openAccount('user', { accountId, balances: { USD: '100' } });
      await lab.givePosition(accountId, BTC, '0.02');
      await lab.givePosition(accountId, ETH, '0.4');
    },
    stop: async (): Promise<void> => {
      await server.stop();
      await lab.stop();
    },
  };
};
export type PageWorld = Awaited<ReturnType<typeof openPageWorld>>;
