import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AccountChecks } from '../constructs/account-checks.ts';
import { NijaFunction } from '../constructs/nija-function.ts';
import { type RaisedAlarm, raiseAlarm } from '../monitoring/alarm.ts';
import { compositeOf } from '../monitoring/composite.ts';
import { userPlaneAlarms } from '../monitoring/user-plane-alarms.ts';
import { USERS_ALARMS } from '../names.ts';
import type { PlaneProps } from './plane.ts';

/** What keeps users safe: true balances, exits, switches, checks. It needs no master and no copy plane. */
export class UserPlaneStack extends Stack {
  readonly alarms: readonly RaisedAlarm[];

  constructor(scope: Construct, id: string, { configuration, data, code, ...props }: PlaneProps) {
    super(scope, id, props);
    const { stage, reservedConcurrency } = configuration;
    const common = { configuration, data, code };
    const watch = userPlaneAlarms(configuration);

    const exit = new NijaFunction(this, 'Exit', {
      ...common,
      name: 'exit',
      description: 'Sells what an account holds. Choose a test event, set the account, press Test.',
      reservedConcurrency: reservedConcurrency.exit,
      monitoring: { alarms: (fn) => watch.exit(fn, reservedConcurrency.exit) },
    });
    const balance = new NijaFunction(this, 'Balance', {
      ...common,
      name: 'balance',
      description: "Reads an account's true balance at its exchange. Choose a test event, press Test.",
      reservedConcurrency: reservedConcurrency.balance,
      monitoring: { alarms: (fn) => watch.balance(fn, reservedConcurrency.balance) },
    });
    const control = new NijaFunction(this, 'Control', {
      ...common,
      name: 'control',
      description: 'Halts and resumes all buying; switches of one account. Never stops a SELL.',
      monitoring: { alarms: watch.control },
    });
    const register = new NijaFunction(this, 'RegisterUser', {
      ...common,
      name: 'register-user',
      description: "Registers a user's account, changes its settings or rotates its key.",
      monitoring: {
        noAlarmsBecause: 'called by hand; what it refuses, and why, is the answer to whoever calls',
      },
    });
    const adopt = new NijaFunction(this, 'Adopt', {
      ...common,
      name: 'adopt',
      description: "Takes an owner's coins into management, or gives a position back. Sends no order.",
      monitoring: {
        noAlarmsBecause: 'called by hand; what it refuses, and why, is the answer to whoever calls',
      },
    });
    const checks = new AccountChecks(this, 'Checks', common);
    const alarmScope = { stage, audience: 'user', topic: data.alarmTopic } as const;
    this.alarms = [
      ...[exit, balance, control, register, adopt, checks].flatMap(({ alarms }) => alarms),
      ...watch.account().map((definition) => raiseAlarm(this, definition, alarmScope)),
    ];
    compositeOf(
      this,
      stage,
      { name: USERS_ALARMS.user, means: 'Exits, balances, checks or switches do not work as promised.' },
      this.alarms,
    );
  }
}
