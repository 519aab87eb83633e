import type { Command } from 'commander';
import * as z from 'zod';
import { zMasterId, zMasterStrategy, zSymbols } from '../../../shared/account/account.ts';
import { zLimitChanges } from '../../../shared/account/limits.ts';
import { zSizingChange } from '../../../shared/account/sizing.ts';
import { zProtectionChanges } from '../../../shared/protection/protection-settings.ts';
import { collected, parsed } from '../../command.ts';
import { UsageProblem } from '../../outcome.ts';

/** As commander reads them; what they mean is judged below. */
export const zSettingOptions = {
  follows: z.string().optional(),
  limit: z.array(z.string()).default([]),
  protect: z.array(z.string()).default([]),
  sizing: z.string().optional(),
  deny: z.string().optional(),
  allow: z.string().optional(),
  exitOnly: z.enum(['on', 'off']).optional(),
  strategy: z.string().optional(),
  symbols: z.string().optional(),
  mode: z.enum(['paper', 'live']).optional(),
};
const zOptions = z.object(zSettingOptions);
export type SettingOptions = z.infer<typeof zOptions>;

/** What is named of an account's settings, as its functions take it: decimals are texts. */
export interface Settings {
  readonly follows?: string | null;
  readonly limits?: object;
  readonly protection?: object;
  readonly sizing?: object;
  readonly deniedSymbols?: readonly string[];
  readonly allowedSymbols?: readonly string[] | null;
  readonly exitOnly?: boolean;
  readonly strategy?: object;
}

export const withSettings = (command: Command): Command =>
  command
    .option('--follows <master>', 'whose trades are copied, like m-apex; nobody: none')
    .option('--limit <name=value>', 'what bounds its BUYs, like maxTradeFraction=0.05', collected)
    .option('--protect <name=value>', 'what sells by itself, like stopLoss=0.05', collected)
    .option('--sizing <how>', 'proportional:1, fixed-amount:100 or fixed-ratio:0.1')
    .option('--deny <symbols>', 'never buy these, like SOL/USD,XRP/USD; none: no such list')
    .option('--allow <symbols>', 'buy only these; all: no such list')
    .option('--exit-only <on|off>', 'whether it buys nothing and only sells')
    .option('--strategy <name>', 'of a master: apex or manual')
    .option('--symbols <symbols>', 'of a master: what it trades, like BTC/USD,ETH/USD')
    .option('--mode <mode>', 'of a master: paper (unless told) or live');

export const SETTINGS_HELP = `
Limits (--limit): maxTradeFraction, maxOpenPositions, maxSlippageBps, maxTradeAgeSeconds, maxDailyLoss,
maxDrawdown, cashReserve, minimumEquity, maxOrdersPerHour, maxHourlyTurnover. Fractions, not percents:
0.05 is five percent.
Protection (--protect): enabled=on, stopLoss=0.05, takeProfit=0.1:0.5,0.2:0.5 (at ten percent above cost
sell half, …), trailing=0.05:0.02 (from five percent above cost on, two below the best price),
maxHoldingHours=24, onMaxDrawdown=exit, onDailyLoss=stop-buying; none switches a rule off.`;

const WHOLE = new Set(['maxOpenPositions', 'maxTradeAgeSeconds', 'maxOrdersPerHour', 'maxHoldingHours']);

/** @throws UsageProblem naming the option */
export const settingsOf = (options: SettingOptions): Settings => {
  const { follows, limit, protect, sizing, deny, allow, exitOnly } = options;
  const strategy = strategyOf(options);
  return {
    ...(follows === undefined
      ? {}
      : { follows: follows === 'nobody' ? null : parsed(zMasterId, follows, '--follows') }),
    ...(limit.length === 0
      ? {}
      : { limits: checked(zLimitChanges, pairs(limit, '--limit', plainValue), '--limit') }),
    ...(protect.length === 0
      ? {}
      : { protection: checked(zProtectionChanges, pairs(protect, '--protect', ruleValue), '--protect') }),
    ...(sizing === undefined ? {} : { sizing: checked(zSizingChange, sizingOf(sizing), '--sizing') }),
    ...(deny === undefined ? {} : { deniedSymbols: deny === 'none' ? [] : symbolsOf(deny, '--deny') }),
    ...(allow === undefined ? {} : { allowedSymbols: allow === 'all' ? null : symbolsOf(allow, '--allow') }),
    ...(exitOnly === undefined ? {} : { exitOnly: exitOnly === 'on' }),
    ...(strategy === undefined ? {} : { strategy }),
  };
};

/** The texts as they were given, once they are known to be right: what is read from them stays here. */
const checked = <Given extends object>(schema: z.ZodType, given: Given, option: string): Given => {
  const result = schema.safeParse(given);
  if (result.success) return given;
  const [issue] = result.error.issues;
  const at = issue?.path.join('.') ?? '';
  throw new UsageProblem(
    `${option}${at === '' ? '' : ` ${at}`}: ${issue?.message ?? 'is not valid'} (given '${JSON.stringify(given)}')`,
  );
};

const pairs = (
  given: readonly string[],
  option: string,
  read: (name: string, value: string) => unknown,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    given.map((pair): readonly [string, unknown] => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageProblem(`${option} takes name=value (given '${pair}')`);
      const name = pair.slice(0, at);
      return [name, read(name, pair.slice(at + 1))];
    }),
  );

const plainValue = (name: string, value: string): unknown =>
  WHOLE.has(name) && /^\d{1,9}$/.test(value) ? Number(value) : value;

const ruleValue = (name: string, value: string): unknown => {
  if (name === 'enabled') return value === 'on' ? true : value === 'off' ? false : value;
  if (name === 'takeProfit')
    return value === 'none' ? [] : value.split(',').map((level) => twoOf(level, 'at', 'sell'));
  if (value === 'none') return null;
  if (name === 'trailing') return twoOf(value, 'activateAt', 'distance');
  return plainValue(name, value);
};

const twoOf = (text: string, first: string, second: string): Readonly<Record<string, string>> => {
  const [one = '', other = ''] = text.split(':');
  return { [first]: one, [second]: other };
};

const sizingOf = (given: string): Readonly<Record<string, string>> => {
  const [mode = '', value] = given.split(':');
  const name = { proportional: 'multiplier', 'fixed-amount': 'amount', 'fixed-ratio': 'ratio' }[mode];
  if (name === undefined)
    throw new UsageProblem(
      `--sizing is proportional:1, fixed-amount:100 or fixed-ratio:0.1 (given '${given}')`,
    );
  return value === undefined ? { mode } : { mode, [name]: value };
};

const symbolsOf = (given: string, option: string): readonly string[] =>
  parsed(
    zSymbols,
    given.split(',').map((symbol) => symbol.trim()),
    option,
  );

const strategyOf = ({ strategy, symbols, mode }: SettingOptions): object | undefined => {
  if (strategy === undefined) {
    if (symbols !== undefined || mode !== undefined)
      throw new UsageProblem(
        `--symbols and --mode go with --strategy, which is set as a whole (given '${symbols ?? mode ?? ''}')`,
      );
    return undefined;
  }
  if (symbols === undefined) throw new UsageProblem(`--strategy needs --symbols (given '${strategy}')`);
  const given = { name: strategy, symbols: symbolsOf(symbols, '--symbols'), mode: mode ?? 'paper' };
  return checked(zMasterStrategy, given, '--strategy');
};
