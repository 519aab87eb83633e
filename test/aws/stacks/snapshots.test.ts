import { expect, test } from 'vitest';
import { alarmsText } from './alarms-text.ts';
import { iamText } from './iam-text.ts';
import { FULL, synthesised } from './synthesised.ts';

const stage = synthesised(FULL);

test('who may do what is as it was reviewed (to renew: vitest run test/aws/stacks/snapshots.test.ts -u)', async () => {
  await expect(iamText(stage)).toMatchFileSnapshot('snapshots/iam.md');
});

test('what is watched is as it was reviewed (to renew: vitest run test/aws/stacks/snapshots.test.ts -u)', async () => {
  await expect(alarmsText(stage)).toMatchFileSnapshot('snapshots/alarms.md');
});

test('the texts are the same each time', () => {
  const again = synthesised(FULL);

  expect(iamText(again)).toBe(iamText(stage));
  expect(alarmsText(again)).toBe(alarmsText(stage));
});
