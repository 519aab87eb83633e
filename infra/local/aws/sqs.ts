import { type AlarmClock, VirtualClock } from '../clock/virtual-clock.ts';
import { openRows, type Rows, RowsError } from '../state/rows.ts';
import { startJsonService } from './json-service.ts';
import { sqsOperations } from './sqs/operations.ts';
import { Queues } from './sqs/queues.ts';

export interface LocalSqs {
  readonly endpoint: string;
  /** For what shares the process with the queues: event sources need no HTTP to poll them. */
  readonly queues: Queues;
  stop(): Promise<void>;
}

/**
 * SQS on 127.0.0.1, for the real SDK client.
 *
 * @throws RowsError when the file is damaged; Error when the port is taken
 */
export const startSqs = async (
  options: {
    /** Where queues and messages are kept; without it in memory. */
    readonly file?: string;
    readonly port?: number;
    /** What visibility, delays and the deduplication window are measured by. */
    readonly clock?: AlarmClock;
  } = {},
): Promise<LocalSqs> => {
  const clock = options.clock ?? new VirtualClock();
  const rows = openRows(options.file);
  const queues = kept(clock, rows, options.file);
  let endpoint = '';
  const close = () => {
    queues.close();
    rows.close();
  };
  try {
    const service = await startJsonService({
      prefix: 'AmazonSQS',
      version: '1.0',
      operations: sqsOperations(queues, clock, () => endpoint),
      ...(options.port !== undefined && { port: options.port }),
    });
    endpoint = service.endpoint;
    return {
      endpoint,
      queues,
      stop: async () => {
        await service.stop();
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
};

/** The queues as they were left. */
const kept = (clock: AlarmClock, rows: Rows, file = 'memory'): Queues => {
  try {
    return new Queues(clock, rows);
  } catch (error) {
    rows.close();
    throw new RowsError(
      `the queues and messages that are kept cannot be read. Restore the file from a copy, or move it away to start without it (given '${file}')`,
      { cause: error },
    );
  }
};
