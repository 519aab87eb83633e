import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alarmsOf, compositesOf } from './alarm-reading.ts';
import { synthesised } from './synthesised.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,15}$/);
const idWith = (letter: string) => fc.stringMatching(new RegExp(`^${letter}-[a-z0-9][a-z0-9-]{0,20}$`));
const schedule = fc.oneof(
  fc.constantFrom('rate(1 minute)', 'rate(1 hour)', 'rate(60 minutes)'),
  fc.integer({ min: 2, max: 59 }).map((minutes) => `rate(${minutes} minutes)`),
);
const settings = fc.record(
  {
    masters: fc.uniqueArray(
      fc.record(
        { accountId: idWith('m'), schedule, paused: fc.boolean() },
        { requiredKeys: ['accountId', 'schedule'] },
      ),
      { selector: ({ accountId }) => accountId, maxLength: 4 },
    ),
    alarmEmail: fc.constantFrom('ops@example.com', 'night.shift+nija@example.org'),
    reservedConcurrency: fc.record(
      { exit: fc.integer({ min: 1, max: 1_000 }), balance: fc.integer({ min: 1, max: 1_000 }) },
      { requiredKeys: [] },
    ),
    checkSchedule: schedule,
    checkWorkers: fc.integer({ min: 2, max: 1_000 }),
    copyWorkers: fc.integer({ min: 2, max: 1_000 }),
    rollout: fc.constantFrom('canary', 'all-at-once'),
    logRetentionDays: fc.constantFrom(1, 30, 90, 731),
    keepData: fc.boolean(),
    consoleAccounts: fc.uniqueArray(idWith('u'), { maxLength: 4 }),
    notify: fc.uniqueArray(
      fc.record({
        id: fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/),
        kind: fc.constantFrom('webhook', 'slack', 'telegram'),
        accounts: fc.oneof(fc.constant('all'), fc.uniqueArray(idWith('u'), { minLength: 1, maxLength: 3 })),
        least: fc.constantFrom('info', 'warning', 'urgent'),
      }),
      { selector: ({ id }) => id, maxLength: 4 },
    ),
    testEventRegistry: fc.constantFrom('create', 'exists'),
  },
  { requiredKeys: [] },
);

test('every valid stage synthesises, names no two alarms alike, and leaves none out of the composites', () => {
  fc.assert(
    fc.property(name, settings, (stage, given) => {
      const made = synthesised(given, stage);

      const names = alarmsOf(made).map((alarm) => alarm.name);
      const told = compositesOf(made)
        .filter((composite) => composite.name !== `nija-${stage}-user-plane`)
        .flatMap((composite) => composite.of);
      expect(new Set(names).size).toBe(names.length);
      expect(told.sort()).toEqual(names.sort());
      expect(made.all('AWS::Scheduler::Schedule')).toHaveLength(
        (given.masters?.length ?? 0) + 1 + ((given.notify?.length ?? 0) > 0 ? 1 : 0),
      );
      // Both are the limits of AWS.
      for (const { properties } of made.all('AWS::Scheduler::Schedule'))
        expect(String(properties['Name']).length).toBeLessThanOrEqual(64);
      for (const { properties } of made.all('AWS::IAM::Role'))
        expect(String(properties['RoleName'] ?? '').length).toBeLessThanOrEqual(64);
    }),
    { numRuns: 25 },
  );
});

test('masters whose names differ by a dash alone are two masters', () => {
  const masters = ['m-a1', 'm-a-1', 'm-a--1'].map((accountId) => ({ accountId, schedule: 'rate(1 minute)' }));

  const made = synthesised({ masters });

  expect(made.all('AWS::Scheduler::Schedule')).toHaveLength(3 + 1);
  expect(alarmsOf(made).filter(({ id }) => id.endsWith('-no-tick'))).toHaveLength(3);
});

test('the longest names that are allowed still fit what AWS takes', () => {
  const accountId = `m-${'a'.repeat(39)}`;
  const made = synthesised({ masters: [{ accountId, schedule: 'rate(1 minute)' }] }, 'a'.repeat(16));

  const [schedule] = made.all('AWS::Scheduler::Schedule');
  expect(String(schedule?.properties['Name']).length).toBeLessThanOrEqual(64);
  for (const alarm of alarmsOf(made)) expect(alarm.name.length).toBeLessThanOrEqual(255);
});
