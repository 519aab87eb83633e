import * as z from 'zod';

/** The options do not say what they should: the message does. */
export class AssumptionError extends Error {
  override readonly name = 'AssumptionError';
}

const zShare = z.number().min(0).max(1);
const zCount = z.int().min(0).max(10_000_000);

/** What is assumed of a month, each with its default. Everything else is measured or listed. */
const SHAPE = {
  masters: [z.int().min(1).max(100), 1, 'masters; users are spread over them evenly'],
  tickMinutes: [z.int().min(1).max(60), 1, 'minutes between two ticks of a master'],
  tradesPerDay: [z.number().min(0).max(1_000), 10, 'trades of a master a day (a sale in parts is several)'],
  followingShare: [zShare, 1, 'share of the users who follow a master'],
  filledShare: [zShare, 0.9, 'share of the copies that trade; the rest is skipped by a guard'],
  buyShare: [zShare, 0.4, 'share of the trades that are BUYs'],
  checkMinutes: [z.int().min(1).max(60), 15, 'minutes between two checks of an account (checkSchedule)'],
  balancesPerDay: [z.number().min(0).max(1_440), 1, 'balances that somebody asks for, per user and day'],
  exitsPerMonth: [z.number().min(0).max(1_000), 1, 'exits of one symbol, per user and month'],
  coldShare: [zShare, 0.05, 'share of balances that start a new instance'],
  copyWorkers: [z.int().min(2).max(1_000), 100, 'copies at once; each starts a new instance for a trade'],
  checkWorkers: [z.int().min(2).max(1_000), 50, 'checks at once; each starts a new instance for a slot'],
  logRetentionDays: [z.int().min(1).max(3_653), 90, 'days that logs are kept'],
  logCompression: [zShare, 0.15, 'stored size of a log against its size when taken in'],
  ledgerMonths: [z.number().min(1).max(120), 12, 'months since the start: the ledger keeps everything'],
  alarms: [zCount, 80, 'metrics that alarms watch: an alarm over several pays for each'],
  compositeAlarms: [zCount, 6, 'composite alarms'],
  dashboards: [zCount, 1, 'dashboards'],
  emailsPerMonth: [zCount, 100, 'alarm e-mails a month'],
  streamShards: [zCount, 4, 'shards of the stream, read four times a second (without charge)'],
  idlePollers: [
    zCount,
    5,
    'long polls of 20 s that Lambda keeps open on each queue, no more than its workers',
  ],
} as const satisfies Record<string, readonly [z.ZodType<number>, number, string]>;

export type AssumptionName = keyof typeof SHAPE;
export type Assumptions = Readonly<Record<AssumptionName, number>>;

export const ASSUMPTION_NAMES = Object.keys(SHAPE).filter((name): name is AssumptionName =>
  Object.hasOwn(SHAPE, name),
);

export const flagOf = (name: AssumptionName): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export const meaningOf = (name: AssumptionName): string => SHAPE[name][2];

/** How many users a column is computed for. */
export const USER_COUNTS: readonly number[] = [10, 1_000, 10_000];

const fromEach = (pick: (name: AssumptionName) => number): Assumptions =>
  Object.fromEntries(ASSUMPTION_NAMES.map((name) => [name, pick(name)])) as Record<AssumptionName, number>;

export const DEFAULT_ASSUMPTIONS: Assumptions = fromEach((name) => SHAPE[name][1]);

/** @throws AssumptionError naming the flag and the value */
export const assumptionsWith = (given: Readonly<Partial<Record<AssumptionName, string>>>): Assumptions =>
  fromEach((name) => {
    const text = given[name];
    return text === undefined ? SHAPE[name][1] : numberOf(name, text);
  });

const numberOf = (name: AssumptionName, text: string): number => {
  const [schema, , meaning] = SHAPE[name];
  const wrong = (why: string): AssumptionError =>
    new AssumptionError(`--${flagOf(name)} (${meaning}): ${why} (given '${text}')`);
  if (!/^\d+(\.\d+)?$/.test(text)) throw wrong('it takes a decimal number');
  const parsed = schema.safeParse(Number(text));
  if (!parsed.success) throw wrong(parsed.error.issues[0]?.message ?? 'it is out of range');
  return parsed.data;
};

/** `10,1000`. @throws AssumptionError */
export const userCounts = (text: string): readonly number[] =>
  text.split(',').map((one) => {
    const count = Number(one);
    if (/^\d+$/.test(one) && count >= 1 && count <= 10_000_000) return count;
    throw new AssumptionError(
      `--users takes whole numbers from 1 to 10000000 with commas between (given '${text}')`,
    );
  });
