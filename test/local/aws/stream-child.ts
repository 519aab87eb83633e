/** Run as a process of its own: prints each batch, and never answers for the one that it was told. */
import { startStreamSource } from '../../../infra/local/aws/event-sources/stream-source.ts';
import { VirtualClock } from '../../../infra/local/clock/virtual-clock.ts';
import { openRows } from '../../../infra/local/state/rows.ts';

const [endpoint = '', streamArn = '', positions = '', hangOn = ''] = process.argv.slice(2);
const source = await startStreamSource({
  endpoint,
  streamArn,
  clock: new VirtualClock(),
  rows: openRows(positions),
  batchSize: 2,
  report: ({ message }) => process.stderr.write(`${message}\n`),
  fn: {
    name: 'trade-copier',
    timeoutMs: 60_000,
    handler: async ({ Records }) => {
      const keys = Records.map(({ dynamodb }) => dynamodb?.Keys?.['sk']?.S).join(',');
      process.stdout.write(`${keys}\n`);
      if (keys === hangOn) await new Promise(() => {});
    },
  },
});
await source.settle();
process.stdout.write('settled\n');
await source.stop();
