import { parseArgs } from 'node:util';
import { fraction, MoneyError, quote, text } from '../shared/money/money.ts';
import { type BacktestReport, backtest } from '../shared/strategy/backtest.ts';
import { BacktestError } from '../shared/strategy/backtest-wallet.ts';
import { loadStrategy } from '../shared/strategy/strategies.ts';
import { StrategyConfigError } from '../shared/strategy/strategy.ts';
import { CandleFileError, looseMarket, readCandleFiles } from './backtest-candles.ts';

const USAGE = `Usage: npm run backtest -- [options] FILE...
Runs a strategy over candle files named like BTCUSD-5m-2019.csv.gz, one of each pair, all together in one account.
  --strategy NAME   apex (default)
  --config JSON     the strategy's settings
  --fee FRACTION    paid on each side (default 0.004: 0.4 %)
  --spread FRACTION between bid and ask (default 0)
  --cash AMOUNT     at the start (default 10000)
  --from, --to DAY  UTC days, YYYY-MM-DD; --to is not included
  --json            the report as JSON`;

const percent = (value: number): string => `${(value * 100).toFixed(2)} %`;

const byMonth = ({ trades }: BacktestReport): string => {
  const months = new Map<string, number>();
  for (const { openedAt } of trades) {
    const month = new Date(openedAt).toISOString().slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + 1);
  }
  return [...months].map(([month, trades]) => `${month}: ${trades}`).join('  ');
};

const tally = (reasons: Readonly<Record<string, number>>): string =>
  Object.entries(reasons)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, times]) => `${reason} ${times}`)
    .join(', ');

const readable = (report: BacktestReport, milliseconds: number): string =>
  [
    `${report.version} over ${report.candles} candles in ${(milliseconds / 1000).toFixed(1)} s`,
    `entries ${report.entries}, trades closed ${report.trades.length}, won after fees ${percent(report.winRate)}`,
    `a trade on average: ${percent(report.meanTradeBeforeFees)} before fees, ${percent(report.meanTradeAfterFees)} after`,
    `return: ${percent(report.returnBeforeFees)} before fees, ${percent(report.returnAfterFees)} after; equity ${text(report.equity)}`,
    `trades by month  ${byMonth(report)}`,
    `exits  ${tally(report.exitReasons)}`,
    `entries rejected  ${tally(report.rejectionReasons)}`,
  ].join('\n');

const dayStart = (day: string | undefined): number | undefined => {
  if (day === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at)) throw new TypeError(`a day is written YYYY-MM-DD (given '${day}')`);
  return at;
};

const jsonOf = (config: string): unknown => {
  try {
    return JSON.parse(config);
  } catch (error) {
    throw new TypeError(`--config must be JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const run = (): void => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      strategy: { type: 'string', default: 'apex' },
      config: { type: 'string', default: '{}' },
      fee: { type: 'string', default: '0.004' },
      spread: { type: 'string', default: '0' },
      cash: { type: 'string', default: '10000' },
      from: { type: 'string' },
      to: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    process.stdout.write(`${USAGE}\n`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const from = dayStart(values.from);
  const to = dayStart(values.to);
  const within = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const candles = readCandleFiles(positionals, within);
  const startedAt = performance.now();
  const report = backtest({
    strategy: loadStrategy(values.strategy, jsonOf(values.config)),
    candles,
    markets: new Map([...candles.keys()].map((symbol) => [symbol, looseMarket(symbol)])),
    fee: fraction(values.fee),
    spread: fraction(values.spread),
    cash: quote(values.cash),
  });
  const shown = values.json ? JSON.stringify(report) : readable(report, performance.now() - startedAt);
  process.stdout.write(`${shown}\n`);
};

const expected = [BacktestError, CandleFileError, StrategyConfigError, MoneyError, TypeError];

try {
  run();
} catch (error) {
  // A file that is not there, or unreadable, carries a code; anything else unexpected keeps its stack.
  const plain = error instanceof Error && ('code' in error || expected.some((kind) => error instanceof kind));
  if (!plain) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
