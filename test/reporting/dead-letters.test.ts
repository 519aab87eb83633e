import { afterAll, beforeAll, expect, it } from 'vitest';
import { localAwsEnv } from '../../infra/local/aws/environment.ts';
import { type LocalSqs, startSqs } from '../../infra/local/aws/sqs.ts';
import { deadLetterFindings } from '../../shared/reporting/dead-letters.ts';
import { queueDepth } from '../../shared/reporting/sqs/queue-depth.ts';

let sqs: LocalSqs;
beforeAll(async () => {
  sqs = await startSqs();
});
afterAll(() => sqs.stop());

const queueOf = (of: 'copies' | 'trades', name: string) => {
  const depthOf = queueDepth(localAwsEnv({ sqs: sqs.endpoint }));
  return { of, count: async () => await depthOf(`${sqs.endpoint}/000000000000/${name}`) };
};

it('tells how many messages were given up, and where to read what to do', async () => {
  const queue = sqs.queues.create('given-up');
  queue.send({ body: 'one', sender: 'a test' });
  queue.send({ body: 'two', sender: 'a test' });

  const findings = await deadLetterFindings([queueOf('trades', 'given-up')]);

  expect(findings).toMatchObject([
    { severity: 'critical', code: 'DEAD_LETTERS', remedy: expect.stringContaining('trades-dead-letters') },
  ]);
  expect(findings[0]?.what).toMatch(/^2 messages lie in the dead letters of trades/);
});

it('finds nothing in a queue that is empty', async () => {
  sqs.queues.create('empty');

  expect(await deadLetterFindings([queueOf('copies', 'empty')])).toEqual([]);
});

it('says so where a queue cannot be asked, beside what the others hold', async () => {
  sqs.queues.create('beside').send({ body: 'one', sender: 'a test' });

  const findings = await deadLetterFindings([queueOf('copies', 'not-there'), queueOf('trades', 'beside')]);

  expect(findings.map(({ code }) => code)).toEqual(['DEAD_LETTERS_UNREADABLE', 'DEAD_LETTERS']);
});
