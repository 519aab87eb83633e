import type { World } from './world.ts';

type Item = Readonly<Record<string, unknown>>;

/** What came about in a world, and how often: who acted, what failed, how copies, exits and stops ended. */
export const coverageOf = (world: World): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const { id } of world.sim.choices.taken) count(deviationOf(id));
  for (const item of world.items()) {
    const what = itemOf(item);
    if (what !== undefined) count(what);
  }
  for (const { level, message } of world.lines) if (level === 'metric') count(`metric: ${message}`);
  return Object.fromEntries([...counts, ...world.sim.reached]);
};

const STEP = /^step \d+#\d+ (.*)$/;
const POINT = /^.*#\d+ (\w+) [^:]*: (.*)$/;
const PLACE = /^(.*)#\d+ (.*)$/;

/** Without which process and which call it was. */
const deviationOf = (id: string): string => {
  const [, act] = STEP.exec(id) ?? [];
  if (act !== undefined) return `act: ${act}`;
  const [, port, fault] = POINT.exec(id) ?? [];
  if (port !== undefined && fault !== undefined) return `fault: ${port} ${fault}`;
  const [, place = id, what = ''] = PLACE.exec(id) ?? [];
  return `fault: ${place.replace(/@v\d+\.\d+/, '')} ${what}`.trim();
};

const textOf = (value: unknown, ...names: readonly string[]): string =>
  names
    .map((name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined))
    .filter((part) => typeof part === 'string')
    .join(' ');

/** Of an item that tells how something ended. */
const itemOf = (item: Item): string | undefined => {
  switch (item['kind']) {
    case 'COPY':
      return `copy: ${textOf(item['trade'], 'side')} ${textOf(item['outcome'], 'state', 'reason') || 'open'}`;
    case 'EXIT':
      return `exit: ${textOf(item, 'scope', 'state')}`;
    case 'ORDER':
      return `order: ${textOf(item, 'side', 'state')}`;
    case 'ADJUSTMENT':
      return `adjustment: ${textOf(item, 'reason')}`;
    case 'DRIFT':
      return 'drift';
    case 'TRADE':
      return `trade: ${textOf(item, 'side')}`;
    default:
      return undefined;
  }
};
