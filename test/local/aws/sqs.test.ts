import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSqs } from '../../../infra/local/aws/sqs.ts';
import { VirtualClock } from '../../../infra/local/clock/virtual-clock.ts';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

describe('the local SQS with a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nija-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('finds queues, messages, receive counts and the deduplication window again after a restart', async () => {
    const clock = new VirtualClock(START);
    const file = join(folder, 'queues.db');
    const first = await startSqs({ clock, file });
    const queue = first.queues.create('copies.fifo', { FifoQueue: 'true', VisibilityTimeout: '60' });
    for (const body of ['a1', 'a2', 'a3'])
      queue.send({ body, group: 'u-ann', deduplicationId: body, sender: 't' });
    const [taken] = queue.receive(1);
    await first.stop();

    const second = await startSqs({ clock, file });
    const again = second.queues.get('copies.fifo');
    const blocked = again.receive(10);
    const repeated = again.send({ body: 'a2', group: 'u-ann', deduplicationId: 'a2', sender: 't' });
    clock.advanceTo(START + 2 * MINUTE);
    const messages = again.receive(10);
    await second.stop();

    expect(blocked).toEqual([]);
    expect(messages.map(({ body, receives }) => [body, receives])).toEqual([
      ['a1', 2],
      ['a2', 1],
      ['a3', 1],
    ]);
    expect(messages[0]?.id).toBe(taken?.id);
    expect(repeated.id).toBe(messages[1]?.id);
  });

  it('refuses a damaged file with one sentence', async () => {
    const file = join(folder, 'queues.db');
    await writeFile(file, 'not a database, by any means'.repeat(100));

    const start = startSqs({ file });

    await expect(start).rejects.toThrow(/damaged.*Restore it from a copy/);
  });
});
