import type { BookedTrade } from '../../../infra/local/kraken/books.ts';
import { Decimal, ZERO } from '../../../infra/local/kraken/decimal.ts';
import type { StreamedChange } from '../../aws/dynamodb/stream.ts';
import type { Evidence, OurOrder } from './evidence.ts';

/** Coins that came into what Nija manages, or left it. */
export interface Movement {
  /** Above zero: in. */
  readonly quantity: Decimal;
  /** The trade of a master that it was made for; undefined for exits, stops, adjustments. */
  readonly tradeId: string | undefined;
  /** When an owner put them under management: later than any trade up to then. */
  readonly adoptedAt?: number;
}

interface Managed {
  quantity: Decimal;
  readonly movements: Movement[];
}

const NOTHING: Managed = { quantity: ZERO, movements: [] };

/**
 * What Nija manages of each account and symbol, from first principles: bought with its key, less what it sold, by
 * the exchange's books, and what the ledger says was adopted, given back or lost, each of which is judged on its
 * own. Of a master everything since it was registered, whoever traded.
 */
export class Holdings {
  readonly #managed = new Map<string, Managed>();
  readonly #evidence: Evidence;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
  }

  /** To be called before anybody else listens, so that others are told of what has moved already. */
  listen(): void {
    this.#evidence.onTrade((trade, ours) => this.#take(trade, ours));
    this.#evidence.onChange((change) => this.#adjust(change));
  }

  of(accountId: string, symbol: string): Decimal {
    return this.#find(accountId, symbol).quantity;
  }

  /** Oldest first. */
  movements(accountId: string, symbol: string): readonly Movement[] {
    return this.#find(accountId, symbol).movements;
  }

  #find(accountId: string, symbol: string): Managed {
    return this.#managed.get(`${accountId} ${symbol}`) ?? NOTHING;
  }

  #take(trade: BookedTrade, ours: OurOrder | undefined): void {
    const { accountId, symbol, at } = trade;
    if (ours === undefined && !this.#isOfMaster(accountId, at)) return;
    const cause = ours?.cause;
    const tradeId = cause?.kind === 'copy' || cause?.kind === 'owed' ? cause.tradeId : undefined;
    this.#move(accountId, symbol, { quantity: baseMoved(trade), tradeId });
  }

  #isOfMaster(accountId: string, at: number): boolean {
    const since = this.#evidence.item(accountId, 'PROFILE')?.['registeredAt'];
    return accountId.startsWith('m-') && typeof since === 'number' && at >= since;
  }

  #adjust({ pk, sk, after, before }: StreamedChange): void {
    if (!sk.startsWith('ADJUSTMENT#') || after === undefined || before !== undefined) return;
    const { symbol, quantityBefore, quantityAfter, reason, at } = after;
    const quantity = new Decimal(String(quantityAfter)).minus(String(quantityBefore));
    this.#move(pk, String(symbol), {
      quantity,
      tradeId: undefined,
      ...(reason === 'ADOPTED' ? { adoptedAt: Number(at) } : {}),
    });
  }

  #move(accountId: string, symbol: string, movement: Movement): void {
    const key = `${accountId} ${symbol}`;
    const managed = this.#managed.get(key) ?? { quantity: ZERO, movements: [] };
    managed.quantity = Decimal.max(0, managed.quantity.plus(movement.quantity));
    managed.movements.push(movement);
    this.#managed.set(key, managed);
  }
}

/** What an execution did to the base: a fee taken in it included. */
export const baseMoved = ({ side, symbol, quantity, fee, feeAsset }: BookedTrade): Decimal => {
  const inBase = symbol.startsWith(`${feeAsset}/`) ? fee : '0';
  const bought = new Decimal(quantity);
  return side === 'BUY' ? bought.minus(inBase) : bought.plus(inBase).negated();
};

/**
 * How far a fee taken in base may be misread: the exchange states it in quote units, to five decimals, and who
 * reads it rounds up to a step. None where the fee was taken in quote.
 */
export const unreadable = ({ symbol, feeAsset, price }: BookedTrade): Decimal =>
  symbol.startsWith(`${feeAsset}/`) ? new Decimal('0.00001').div(price).plus('0.00000002') : ZERO;
