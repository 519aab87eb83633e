import { apex } from './apex/apex.ts';
import { manual } from './manual.ts';
import { type LoadedStrategy, StrategyConfigError, type StrategyDefinition } from './strategy.ts';

/** Every strategy that a master can be given, by name. */
export const strategies: ReadonlyMap<string, StrategyDefinition> = new Map(
  [apex, manual].map((strategy) => [strategy.name, strategy]),
);

/**
 * A master's strategy with its settings validated.
 * @throws StrategyConfigError for an unknown name or settings that do not fit, naming each field
 */
export const loadStrategy = (name: string, config: unknown): LoadedStrategy => {
  const strategy = strategies.get(name);
  if (strategy === undefined) {
    throw new StrategyConfigError(
      `there is no strategy of that name: choose one of ${[...strategies.keys()].join(', ')} (given '${name.slice(0, 40)}')`,
    );
  }
  return strategy.load(config);
};
