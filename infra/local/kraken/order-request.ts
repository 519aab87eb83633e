import type { Instant } from '../../../shared/time/clock.ts';
import { type Decimal, parseDecimal } from './decimal.ts';
import { invalidArgument, Refusal, TEXTS } from './errors.ts';
import type { Listing, PairSpec } from './pairs.ts';

export type Form = Readonly<Record<string, string>>;

/** An AddOrder form that makes sense in itself; whether it can be placed is the engine's question. */
export interface OrderRequest {
  readonly pair: PairSpec;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit';
  /** Base units; quote units where `inQuote`. */
  readonly volume: Decimal;
  readonly price: Decimal | undefined;
  readonly inQuote: boolean;
  readonly immediate: boolean;
  readonly postOnly: boolean;
  readonly feeInBase: boolean;
  readonly flags: string;
  readonly clientId: string | undefined;
  readonly userref: number | undefined;
  readonly validateOnly: boolean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HEX = /^[0-9a-f]{32}$/i;
const SHORT = /^[\x20-\x7e]{1,18}$/;
const FLAGS = new Set(['viqc', 'fcib', 'fciq', 'nompp', 'post']);
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const DEADLINE_AHEAD_MS = 60_000;

const readClientId = (form: Form): string | undefined => {
  const text = form['cl_ord_id'];
  if (text === undefined || text === '') return undefined;
  if (!UUID.test(text) && !HEX.test(text) && !SHORT.test(text)) throw invalidArgument('cl_ord_id');
  if (form['userref'] !== undefined) throw new Refusal(TEXTS.invalidArguments);
  return text;
};

const readUserref = (form: Form): number | undefined => {
  const text = form['userref'];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || Math.abs(value) > 2_147_483_647) throw invalidArgument('userref');
  return value;
};

const checkDeadline = (text: string | undefined, now: Instant): void => {
  if (text === undefined) return;
  const at = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at) || at > now + DEADLINE_AHEAD_MS) throw invalidArgument('deadline');
  if (at <= now) throw new Refusal(TEXTS.deadline);
};

const readFlags = (form: Form): ReadonlySet<string> => {
  const flags = new Set((form['oflags'] ?? '').split(',').filter((flag) => flag !== ''));
  for (const flag of flags) if (!FLAGS.has(flag)) throw invalidArgument('oflags');
  if (flags.has('fcib') && flags.has('fciq')) throw invalidArgument('oflags');
  return flags;
};

const readLimit = (form: Form, pair: PairSpec, type: 'market' | 'limit'): Decimal | undefined => {
  if (type === 'market') return undefined;
  const price = parseDecimal(form['price'] ?? '');
  if (price === undefined || price.isZero()) throw invalidArgument('price');
  if (!price.mod(pair.tickSize).isZero()) throw new Refusal(TEXTS.tick);
  return price;
};

const oneOf = <T extends string>(form: Form, field: string, allowed: readonly T[]): T => {
  const found = allowed.find((value) => value === form[field]);
  if (found === undefined) throw invalidArgument(field);
  return found;
};

/** @throws Refusal */
export const readOrder = (form: Form, listing: Listing, now: Instant): OrderRequest => {
  const pair = listing.find(form['pair'] ?? '');
  if (pair === undefined) throw new Refusal(TEXTS.unknownPair);
  const side = oneOf(form, 'type', ['buy', 'sell']);
  const type = oneOf(form, 'ordertype', ['market', 'limit']);
  const flags = readFlags(form);
  const inQuote = flags.has('viqc');
  if (inQuote && (type !== 'market' || side !== 'buy')) throw invalidArgument('viqc');
  if (flags.has('post') && type !== 'limit') throw invalidArgument('oflags');
  const volume = parseDecimal(form['volume'] ?? '');
  const places = inQuote ? pair.costDecimals : pair.lotDecimals;
  if (volume === undefined || volume.isZero() || volume.decimalPlaces() > places) {
    throw invalidArgument('volume');
  }
  const force = form['timeinforce'] ?? 'GTC';
  if (force !== 'GTC' && force !== 'IOC') throw invalidArgument('timeinforce');
  if (force === 'IOC' && (type !== 'limit' || flags.has('post'))) throw invalidArgument('timeinforce');
  if (form['leverage'] !== undefined && form['leverage'] !== 'none') throw invalidArgument('leverage');
  const clientId = readClientId(form);
  const userref = readUserref(form);
  const price = readLimit(form, pair, type);
  checkDeadline(form['deadline'], now);
  return {
    pair,
    side,
    type,
    volume,
    price,
    inQuote,
    immediate: force === 'IOC',
    postOnly: flags.has('post'),
    feeInBase: flags.has('fcib'),
    flags: [...(flags.has('fcib') || flags.has('fciq') ? [] : ['fciq']), ...flags].join(','),
    clientId,
    userref,
    validateOnly: form['validate'] === 'true' || form['validate'] === '1' || form['validate'] === 'True',
  };
};
