import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { zCheckRequest } from '../../../functions/account-check/account-check.ts';
import { zAdoptInput } from '../../../functions/adopt/adopt-contract.ts';
import { zBalanceRequest } from '../../../functions/balance/balance.ts';
import { zDispatchInput } from '../../../functions/check-dispatcher/check-dispatcher.ts';
import { zControlInput } from '../../../functions/control/control-contract.ts';
import { zDashboardEvent } from '../../../functions/dashboard/dashboard-contract.ts';
import { zExitInput } from '../../../functions/exit/exit-contract.ts';
import { zNotifyEvent } from '../../../functions/notify/notify-contract.ts';
import { zStatementInput } from '../../../functions/statement/statement-contract.ts';
import { zRedriveInput } from '../../../functions/trade-copier/redrive-contract.ts';
import { zRegistrationCall } from '../../../shared/account/registration.ts';
import { zViewQuery } from '../../../shared/reporting/view-contract.ts';
import { FULL, synthesised } from './synthesised.ts';

const stage = synthesised(FULL);

/** By what each function that an operator calls judges its events. */
const ACCEPTED: Readonly<Record<string, z.ZodType>> = {
  exit: zExitInput,
  balance: zBalanceRequest,
  adopt: zAdoptInput,
  control: zControlInput,
  'register-user': zRegistrationCall,
  'register-master': zRegistrationCall,
  'trade-copier': z.strictObject({ redrive: zRedriveInput }),
  'account-check': zCheckRequest,
  'check-dispatcher': zDispatchInput,
  notify: zNotifyEvent,
  view: zViewQuery,
  dashboard: zDashboardEvent,
  statement: zStatementInput,
};

/** An event schema as the Lambda console reads shareable events. */
const zContent = z.object({
  openapi: z.literal('3.0.0'),
  info: z.object({ version: z.string(), title: z.string() }),
  paths: z.object({}),
  components: z.object({
    schemas: z.object({ Event: z.unknown() }),
    examples: z.record(
      z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
      z.strictObject({ value: z.record(z.string(), z.unknown()) }),
    ),
  }),
});
type Event = Readonly<Record<string, unknown>>;

const eventsOf = (name: string, of = stage): Readonly<Record<string, Event>> => {
  const { Content } = of.one(
    'AWS::EventSchemas::Schema',
    'SchemaName',
    `_nija-dev-${name}-schema`,
  ).properties;
  const { examples } = zContent.parse(JSON.parse(z.string().parse(Content))).components;
  return Object.fromEntries(Object.entries(examples).map(([title, { value }]) => [title, value]));
};

const EVENTS = Object.keys(ACCEPTED).flatMap((name) =>
  Object.entries(eventsOf(name)).map(([title, event]) => ({ name, title, event })),
);
const isUnset = ({ event }: { readonly event: Event }): boolean =>
  JSON.stringify(event).includes('CHANGE-ME');
const accepted = (name: string, event: unknown): boolean => ACCEPTED[name]?.safeParse(event).success ?? false;

test('events are kept where the console looks for them, under the names it looks for', () => {
  const schemas = stage.all('AWS::EventSchemas::Schema').map(({ properties }) => properties);

  expect(schemas.map(({ SchemaName }) => SchemaName).sort()).toEqual(
    Object.keys(ACCEPTED)
      .map((name) => `_nija-dev-${name}-schema`)
      .sort(),
  );
  for (const schema of schemas)
    expect(schema).toMatchObject({ RegistryName: 'lambda-testevent-schemas', Type: 'OpenApi3' });
});

test('a function of masters has no events where a stage has no masters', () => {
  const names = synthesised({})
    .all('AWS::EventSchemas::Schema')
    .map(({ properties }) => properties['SchemaName']);

  expect(names).toContain('_nija-dev-exit-schema');
  expect(names).not.toContain('_nija-dev-register-master-schema');
});

test('the registry is made once for a region, stays, and is not made where it exists', () => {
  const [registry] = stage.all('AWS::EventSchemas::Registry');
  const existing = synthesised({ testEventRegistry: 'exists' });

  expect(registry).toMatchObject({
    stack: 'nija-test-event-registry',
    deletionPolicy: 'Retain',
    properties: { RegistryName: 'lambda-testevent-schemas' },
  });
  expect(existing.all('AWS::EventSchemas::Registry')).toEqual([]);
});

describe.each(EVENTS.filter(isUnset))('the event $title of $name', ({ name, event }) => {
  test('is refused as it stands, so that a careless press does nothing', () => {
    expect(accepted(name, event)).toBe(false);
  });

  test('is taken once an account stands in the place of each CHANGE-ME', () => {
    expect(accepted(name, JSON.parse(JSON.stringify(event).replaceAll('CHANGE-ME', 'ann')))).toBe(true);
  });
});

describe.each(EVENTS.filter((event) => !isUnset(event)))('the event $title of $name', ({ name, event }) => {
  test('is taken as it stands', () => {
    expect(accepted(name, event)).toBe(true);
  });
});

test('only what the stage lists, switches for all, and what only looks, can be pressed without a change', () => {
  const ready = EVENTS.filter((event) => !isUnset(event)).map(({ name, title }) => `${name}: ${title}`);

  expect(ready.sort()).toEqual([
    'account-check: Check-u-ann',
    'account-check: Check-u-bob',
    'balance: Balance-u-ann',
    'balance: Balance-u-bob',
    'check-dispatcher: Check-all-accounts',
    'control: Halt-all-buying',
    'control: Resume-buying',
    'control: Status',
    'dashboard: Documentation',
    'dashboard: The-page',
    'exit: Exit-all-DRY-RUN-u-ann',
    'exit: Exit-all-DRY-RUN-u-bob',
    'exit: Exit-all-u-ann',
    'exit: Exit-all-u-bob',
    'notify: Send-a-test',
    'notify: What-was-not-told',
    'view: Doctor',
    'view: Overview',
    'view: Separation',
    'view: Trades-and-copies',
  ]);
});

describe('an exit from the console', () => {
  const exits = eventsOf('exit');

  test('is offered as a dry run and as the sale of all', () => {
    expect(exits['Exit-all-DRY-RUN-u-ann']).toEqual({ accountId: 'u-ann', scope: 'managed', dryRun: true });
    expect(exits['Exit-all-u-ann']).toEqual({ accountId: 'u-ann', scope: 'managed', dryRun: false });
  });

  test('sells only where its name does not say that it is a dry run', () => {
    for (const [title, { dryRun }] of Object.entries(exits))
      expect(dryRun, title).toBe(title.includes('DRY-RUN'));
  });

  test('brings no request id, so that pressing it again weeks later sells again', () => {
    expect(Object.values(exits).filter((event) => 'requestId' in event)).toEqual([]);
  });
});
