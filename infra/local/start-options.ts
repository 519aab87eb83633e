import { parseArgs } from 'node:util';

/** What `npm start` was asked to do. */
export interface StartOptions {
  readonly candles: string | undefined;
  readonly seed: number;
  readonly users: number;
  readonly json: boolean;
  readonly serve: boolean;
  readonly resume: boolean;
  readonly port: number | undefined;
  /** Where notices go beside their file. */
  readonly notify: string | undefined;
  /** A folder, or a throw-away one. */
  readonly state: { readonly path: string } | 'throw-away';
}

/** Where the state is kept unless said otherwise. */
export const DEFAULT_STATE = '.nija';

/** The command line does not say what it should: the message does. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `npm start -- [options]

Boots Nija on this machine with a simulated Kraken, trades, copies, loses the master, and reports.

  --candles FILE   trade real 5-minute candles, at least 1,420 (CSV or gzip, timestamp in ms UTC; the pair
                   comes from the name: BTCUSD-5m.csv.gz)
  --seed N         of prices, users and order books; default 1
  --users N        how many users follow the master, at least 6; default 6
  --json           the report as one JSON object on standard output
  --serve          keep running afterwards until Ctrl-C; the page and the functions are
                   served over HTTP
  --port N         where, with --serve or --resume; default any free one
  --resume         go on from the state of an earlier run instead of a new one, with its prices and
                   users; implies --serve
  --notify URL     send notices there, too, as signed JSON: https, or http to this machine;
                   without it they go to notices.log in the state folder alone
  --state DIR      where the state is kept; default ${DEFAULT_STATE}; a new run empties it
  --throw-away     keep no state
  --help           this text

Exit code: 0 when every guarantee held, 1 when one did not or something failed, 2 for wrong
options, 130 when it was stopped before the end.`;

/** @throws UsageError */
export const startOptions = (argv: readonly string[]): StartOptions | 'help' => {
  const { values } = read(argv);
  if (values.help) return 'help';
  if (values['throw-away'] && values.state !== undefined)
    throw new UsageError('--throw-away and --state exclude each other');
  if (values['throw-away'] && values.resume)
    throw new UsageError('--throw-away keeps nothing that --resume could go on from');
  if (values.resume && values.candles !== undefined)
    throw new UsageError('--resume goes on with the prices of the earlier run: leave --candles out');
  for (const name of ['seed', 'users'] as const) {
    const given = values[name];
    if (values.resume && given !== undefined)
      throw new UsageError(
        `--resume goes on with the ${name} of the earlier run: leave --${name} out (given '${given}')`,
      );
  }
  if (values.port !== undefined && !values.serve && !values.resume)
    throw new UsageError(
      `--port is where functions are called: add --serve for a new run, which empties the state, or --resume to go on with the last one (given '${values.port}')`,
    );
  return {
    candles: values.candles,
    seed: whole('--seed', values.seed ?? '1', 0, 2 ** 31 - 1),
    users: whole('--users', values.users ?? '6', 6, 10_000),
    json: values.json,
    serve: values.serve || values.resume,
    resume: values.resume,
    port: values.port === undefined ? undefined : whole('--port', values.port, 1, 65_535),
    notify: values.notify === undefined ? undefined : address(values.notify),
    state: values['throw-away'] ? 'throw-away' : { path: values.state ?? DEFAULT_STATE },
  };
};

const read = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: false,
      options: {
        candles: { type: 'string' },
        seed: { type: 'string' },
        users: { type: 'string' },
        json: { type: 'boolean', default: false },
        serve: { type: 'boolean', default: false },
        resume: { type: 'boolean', default: false },
        port: { type: 'string' },
        notify: { type: 'string' },
        state: { type: 'string' },
        'throw-away': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.replaceAll('\n', ' ').replace(/\.$/, ''));
  }
};

const whole = (name: string, value: string, from: number, to: number): number => {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < from || number > to) {
    throw new UsageError(`${name} takes a whole number from ${from} to ${to} (given '${value}')`);
  }
  return number;
};

/** What the function itself would refuse later, it is told now. */
const address = (value: string): string => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'https:') return value;
  if (url?.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname)) return value;
  throw new UsageError(
    `--notify takes an address that begins with https, or with http on this machine (given '${value}')`,
  );
};
