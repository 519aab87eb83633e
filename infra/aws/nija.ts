import type { App, Stack } from 'aws-cdk-lib';
import type { StageConfiguration } from './configuration.ts';
import type { FunctionCode } from './constructs/nija-function.ts';
import { stageName } from './names.ts';
import { ConsoleStack, TestEventRegistryStack } from './stacks/console-stack.ts';
import { CopyPlaneStack } from './stacks/copy-plane-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { MasterPlaneStack } from './stacks/master-plane-stack.ts';
import { ObservabilityStack } from './stacks/observability-stack.ts';
import { UserPlaneStack } from './stacks/user-plane-stack.ts';

export interface NijaStacks {
  readonly data: DataStack;
  readonly userPlane: UserPlaneStack;
  readonly copyPlane: CopyPlaneStack;
  /** Absent where a stage has no masters. */
  readonly masterPlane: MasterPlaneStack | undefined;
  readonly observability: ObservabilityStack;
}

/** Nija in one stage: stacks by lifetime and blame. Every plane depends on the data and on no other plane. */
export const nijaStacks = (app: App, configuration: StageConfiguration, code: FunctionCode): NijaStacks => {
  const { stage, keepData } = configuration;
  const named = (name: string, description: string) => ({
    stackName: stageName(stage, name),
    description: `Nija ${stage}: ${description}`,
    tags: { application: 'nija', stage },
  });
  const data = new DataStack(app, stageName(stage, 'data'), configuration, {
    ...named('data', 'the ledger, the queues, the alarm topic'),
    terminationProtection: keepData,
  });
  const parts = { configuration, data, code };
  const userPlane = new UserPlaneStack(app, stageName(stage, 'user'), {
    ...parts,
    ...named('user', 'balances, exits, switches, checks, registration'),
  });
  const copyPlane = new CopyPlaneStack(app, stageName(stage, 'copy'), {
    ...parts,
    ...named('copy', "from a trade to the followers' orders"),
  });
  const masterPlane =
    configuration.masters.length === 0
      ? undefined
      : new MasterPlaneStack(app, stageName(stage, 'master'), {
          ...parts,
          ...named('master', 'the masters and their schedules'),
        });
  const planes = [userPlane, copyPlane, ...(masterPlane === undefined ? [] : [masterPlane])];
  const observability = new ObservabilityStack(app, stageName(stage, 'observability'), {
    configuration,
    data,
    alarms: [data, ...planes].flatMap(({ alarms }) => alarms),
    ...named('observability', 'the composite alarms and the dashboard'),
  });
  // The alarms that it names must be there first.
  for (const plane of planes satisfies readonly Stack[]) observability.addStackDependency(plane);
  const consoleEvents = new ConsoleStack(app, stageName(stage, 'console'), {
    configuration,
    ...named('console', 'the events behind the Test button'),
  });
  if (configuration.testEventRegistry === 'create') {
    const registry = new TestEventRegistryStack(app, 'nija-test-event-registry', {
      description: "Nija: the Lambda console's registry of test events, shared by all stages of a region",
      tags: { application: 'nija' },
    });
    consoleEvents.addStackDependency(registry);
  }
  return { data, userPlane, copyPlane, masterPlane, observability };
};
