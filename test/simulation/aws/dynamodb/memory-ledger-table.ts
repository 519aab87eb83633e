import { ScanCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { ledgerTable } from '../../../../shared/ledger/dynamodb/table.ts';
import {
  type MemoryCommand,
  type MemoryDynamoDb,
  memoryDynamoDb,
} from '../../../../simulation/aws/dynamodb/memory-dynamodb.ts';

type Call = (args: { readonly input: unknown }) => Promise<unknown>;
type Middleware = (next: Call, context: { readonly commandName: string }) => Call;

const TABLE = 'ledger';
/** As the clients are configured: a call and three more tries. */
const ATTEMPTS = 4;
const PASSES_BY_ITSELF = 'TimeoutError';
let tokens = 0;

/**
 * What the ledger's tests want of an SDK client, over the memory table: middlewares, tries that are repeated
 * where an answer was lost (a transaction with the same token), and Scan.
 */
const clientOver = (database: MemoryDynamoDb) => {
  const middlewares: Middleware[] = [];
  const perform = (command: object): unknown => {
    if (command instanceof ScanCommand) return { Items: [...database.items()].map((item) => ({ ...item })) };
    return database.perform(command as MemoryCommand);
  };
  const withToken = (command: object): object => {
    if (!(command instanceof TransactWriteCommand)) return command;
    tokens += 1;
    return new TransactWriteCommand({ ...command.input, ClientRequestToken: `token-${tokens}` });
  };
  return {
    middlewareStack: {
      add: (middleware: Middleware) => {
        middlewares.push(middleware);
      },
    },
    send: async (given: object & { readonly input: unknown }): Promise<unknown> => {
      const command = withToken(given);
      const last: Call = async () => ({ output: perform(command) });
      const context = { commandName: given.constructor.name };
      const call = middlewares.reduce((next, middleware) => middleware(next, context), last);
      for (let attempt = 1; ; attempt += 1) {
        try {
          const { output } = (await call({ input: given.input })) as { readonly output: unknown };
          return output;
        } catch (error) {
          const passes = error instanceof Error && error.name === PASSES_BY_ITSELF;
          if (!passes || attempt === ATTEMPTS) throw error;
        }
      }
    },
    destroy: () => {},
  };
};

/** What the ledger's tests make their tables with. */
export interface TestTools<Clock> {
  readonly steppingClock: (start: number) => Clock & { now(): number };
  readonly countedIds: () => { id(): string };
}

/** In place of `embeddedTable`: short pages and batches, so that all of them are put together again. */
export const memoryLedgerTable =
  <Clock>({ steppingClock, countedIds }: TestTools<Clock>) =>
  async (start = Date.parse('2026-11-20T12:00:00Z')) => {
    const clock = steppingClock(start);
    const database = memoryDynamoDb({
      table: ledgerTable(TABLE),
      now: () => clock.now(),
      pageItems: () => 3,
      batchKeys: () => 40,
    });
    return { client: clientOver(database), table: TABLE, clock, chance: countedIds(), stop: async () => {} };
  };
