import type { Account } from '../account/account.ts';
import type { Position } from '../ledger/position.ts';
import type { Read } from '../ledger/read.ts';
import { averagePrice, fraction, lessAtMost, ONE, type Price, plus, scale, text } from '../money/money.ts';
import { trailingThreshold } from '../protection/decide.ts';
import type { Protection } from '../protection/protection-settings.ts';
import { isWatching, type Watch } from '../protection/watch.ts';
import { type Plan, readPlan } from '../strategy/apex/plan.ts';
import { HOUR } from '../time/clock.ts';
import type { Level } from './contract/position-answer.ts';

/** What protection would sell a user's position by, as a check judges it: the same formulas. */
export const protectiveLevels = (
  position: Position,
  { protection }: Pick<Account, 'protection'>,
  watch: Watch | undefined,
): readonly Level[] => {
  const watching = isWatching(watch, position) ? watch : undefined;
  const levels = [
    ...stopLoss(position, protection),
    ...trailing(position, protection, watching),
    ...takeProfits(position, protection, watching),
    ...maxHolding(position, protection, watching),
  ];
  return protection.enabled ? levels : levels.map((level) => ({ ...level, state: 'off' }));
};

const averageOf = ({ costBasis, quantity }: Position): Price | undefined =>
  costBasis.gt(0) && quantity.gt(0) ? averagePrice(costBasis, quantity) : undefined;

const stopLoss = (position: Position, { stopLoss: loss }: Protection): readonly Level[] => {
  if (loss === null) return [];
  const average = averageOf(position);
  const detail = `average cost less ${text(loss)} of it`;
  return average === undefined
    ? [{ kind: 'stop', state: 'waiting', detail: `${detail}; its cost is not known` }]
    : [{ kind: 'stop', state: 'armed', price: text(scale(average, lessAtMost(ONE, loss))), detail }];
};

const trailing = (
  position: Position,
  { trailing: settings }: Protection,
  watch: Watch | undefined,
): readonly Level[] => {
  if (settings === null) return [];
  const { activateAt, distance } = settings;
  const detail = `${text(distance)} below the best price seen, once ${text(activateAt)} above average cost`;
  if (watch?.bestPrice !== undefined && watch.bestGain?.gte(activateAt) === true)
    return [
      {
        kind: 'trailing-stop',
        state: 'armed',
        price: text(trailingThreshold(watch.bestPrice, settings)),
        detail: `${detail}; the best was ${text(watch.bestPrice)}`,
      },
    ];
  const average = averageOf(position);
  const from =
    average === undefined ? '' : `: from ${text(scale(average, plus(ONE, fraction(activateAt))))} on`;
  return [{ kind: 'trailing-stop', state: 'waiting', detail: `${detail}${from}` }];
};

const takeProfits = (
  position: Position,
  { takeProfit }: Protection,
  watch: Watch | undefined,
): readonly Level[] => {
  const average = averageOf(position);
  return takeProfit.map(({ at, sell }) => {
    const reached = watch?.levels.find((level) => level.at === text(at));
    return {
      kind: 'take-profit',
      state:
        reached === undefined
          ? average === undefined
            ? 'waiting'
            : 'armed'
          : reached.fired
            ? 'done'
            : 'reached',
      ...(average === undefined ? {} : { price: text(scale(average, plus(ONE, at))) }),
      sell: text(sell),
      detail: `average cost and ${text(at)} of it`,
    };
  });
};

const maxHolding = (
  position: Position,
  { maxHoldingHours: hours }: Protection,
  watch: Watch | undefined,
): readonly Level[] =>
  hours === null
    ? []
    : [
        {
          kind: 'max-holding',
          state: watch === undefined ? 'waiting' : 'armed',
          until: (watch?.since ?? position.openedAt) + hours * HOUR,
          detail: `held for ${hours} hours`,
        },
      ];

const NO_PLAN =
  'what its strategy remembers of this position is no plan that can be read: its stop and targets are not known here';

/** What a master's strategy would sell its position by, from the plan that its last tick kept. */
export const plannedLevels = (state: unknown): Read<readonly Level[]> => {
  // Forgotten by the strategy: of what is left it has no plan, as of a position that it never had one for.
  if (state === null) return { readable: true, value: [] };
  const plan = readPlan(state);
  return plan === undefined
    ? { readable: false, why: NO_PLAN }
    : { readable: true, value: levelsOfPlan(plan) };
};

const levelsOfPlan = (plan: Plan): readonly Level[] => {
  const { stop, first, second, third, reached, highest } = plan;
  return [
    {
      kind: 'stop',
      state: 'armed',
      price: text(stop),
      detail: `the strategy's stop; the highest bid seen was ${text(highest)}`,
    },
    ...[first, second, third].map(
      (price, index): Level => ({
        kind: 'take-profit',
        state: index < reached ? 'done' : 'armed',
        price: text(price),
        detail: `the strategy's target ${index + 1}`,
      }),
    ),
  ];
};
