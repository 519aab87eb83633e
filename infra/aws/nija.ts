import { Annotations, type App } from 'aws-cdk-lib';
import type { StageConfiguration } from './configuration.ts';
import type { FunctionCode } from './constructs/nija-function.ts';
import { stageName, USERS_ALARMS } from './names.ts';
import { ConsoleStack, TestEventRegistryStack } from './stacks/console-stack.ts';
import { CopyPlaneStack } from './stacks/copy-plane-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { MasterPlaneStack } from './stacks/master-plane-stack.ts';
import { NotifyStack } from './stacks/notify-stack.ts';
import { ObservabilityStack } from './stacks/observability-stack.ts';
import { OperatorsStack } from './stacks/operators-stack.ts';
import { UserPlaneStack } from './stacks/user-plane-stack.ts';

export interface NijaStacks {
  readonly data: DataStack;
  readonly userPlane: UserPlaneStack;
  readonly copyPlane: CopyPlaneStack;
  readonly operators: OperatorsStack;
  /** Absent where a stage has no masters. */
  readonly masterPlane: MasterPlaneStack | undefined;
  /** Absent where a stage has no channels. */
  readonly notify: NotifyStack | undefined;
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
  if (configuration.alarmEmail === undefined) {
    Annotations.of(data).addWarningV2(
      'nija:nobody-is-told',
      `nobody is told of the alarms of ${stage}: set alarmEmail in stages.json`,
    );
  }
  const parts = { configuration, data, code };
  const userPlane = new UserPlaneStack(app, stageName(stage, 'user'), {
    ...parts,
    ...named('user', 'balances, exits, switches, checks, registration'),
  });
  const copyPlane = new CopyPlaneStack(app, stageName(stage, 'copy'), {
    ...parts,
    ...named('copy', "from a trade to the followers' orders"),
  });
  const operators = new OperatorsStack(app, stageName(stage, 'operators'), {
    ...parts,
    ...named('operators', 'what operators look at'),
  });
  const masterPlane =
    configuration.masters.length === 0
      ? undefined
      : new MasterPlaneStack(app, stageName(stage, 'master'), {
          ...parts,
          ...named('master', 'the masters and their schedules'),
        });
  const notify =
    configuration.notify.length === 0
      ? undefined
      : new NotifyStack(app, stageName(stage, 'notify'), {
          ...parts,
          ...named('notify', 'what tells people of all that happens'),
        });
  const planes = [userPlane, copyPlane, operators, masterPlane, notify].filter(
    (plane) => plane !== undefined,
  );
  const observability = new ObservabilityStack(app, stageName(stage, 'observability'), {
    configuration,
    data,
    alarms: [data, ...planes].flatMap(({ alarms }) => alarms),
    usersAlarms: Object.values(USERS_ALARMS),
    ...named('observability', 'the alarm of all that users rely on, and the dashboard'),
  });
  // The composites that it names must be there first. The master plane has its own, and may go at any time.
  for (const plane of [userPlane, copyPlane]) observability.addStackDependency(plane);
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
  return { data, userPlane, copyPlane, operators, masterPlane, notify, observability };
};
