import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { MasterConfiguration, StageConfiguration } from '../configuration.ts';
import type { AlarmDefinition } from './alarm.ts';
import { refusedCallsOf, sumOf } from './counting.ts';
import { crashedAlarm } from './function-alarms.ts';
import { figuresOf } from './metrics.ts';

/** Periods without one success after which a master counts as gone; its followers stop buying then, too. */
const MISSED_TICKS = 3;

export const masterPlaneAlarms = ({ stage, masters }: StageConfiguration) => {
  const figures = figuresOf(stage);
  const slowest = Math.max(1, ...masters.map(({ schedule }) => schedule.minutes));
  const window = Math.max(5, MISSED_TICKS * slowest);
  return {
    tick: (fn: IFunction): readonly AlarmDefinition[] => [
      crashedAlarm('master-tick', fn, {
        // Wide enough for the slowest master to fail as often.
        ...sumOf('errors', [fn.metricErrors()]).over(Duration.minutes(window)).atLeast(MISSED_TICKS),
        means: `Ticks ended with an error or ran out of time, ${MISSED_TICKS} or more in ${window} minutes. Users are not affected; a master that cannot tick is not followed.`,
        first:
          'read the errors in the log of master-tick: a revoked key, a missing secret, or an exchange that is down are named there, with what to do.',
      }),
    ],
    /** Of one master; none while it is paused. */
    ofMaster: ({ accountId, schedule, paused }: MasterConfiguration): readonly AlarmDefinition[] =>
      paused
        ? []
        : [
            {
              id: `${accountId}-no-tick`,
              metric: figures.ofMaster(
                'TickSucceeded',
                { master: accountId },
                { statistic: 'Sum', period: Duration.minutes(schedule.minutes) },
              ),
              threshold: 1,
              below: true,
              periods: MISSED_TICKS,
              noData: 'alarm',
              tellsAtOnce: true,
              means: `${accountId} has had no successful tick in ${MISSED_TICKS} periods (${schedule.expression}): nobody watches its positions. Its followers buy nothing more; they still read balances and exit.`,
              first: `look in the log of master-tick for ${accountId}. No lines at all: the schedule is off or the scheduler cannot start it (alarm schedules-failing). If it stays down, tell its followers; they can exit from the console.`,
            },
            {
              id: `${accountId}-ticks-failing`,
              metric: figures.ofMaster(
                'TickFailed',
                { master: accountId },
                { statistic: 'Sum', period: Duration.minutes(schedule.minutes) },
              ),
              threshold: 1,
              periods: MISSED_TICKS,
              datapoints: 2,
              noData: 'fine',
              means: `Two of the last ${MISSED_TICKS} ticks of ${accountId} failed. Each tick begins anew, so nothing is lost yet.`,
              first: `read the reason in the log of master-tick; it names what to do. A revoked key: rotate it (docs/deploy.md).`,
            },
          ],
    schedules: (scheduleGroup: string): readonly AlarmDefinition[] => [
      {
        id: 'schedules-failing',
        ...refusedCallsOf(scheduleGroup).atLeast(1),
        means: 'The scheduler could not hand a tick to Lambda, so a master does not tick.',
        first:
          'see whether master-tick was deleted or may not be called by the scheduler any more; deploying the master plane again restores function and permission. Calls that were given up lie in schedules-dead-letters.',
      },
    ],
  };
};
