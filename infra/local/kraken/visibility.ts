import type { Decimal } from './decimal.ts';

interface Stale {
  readonly balances: ReadonlyMap<string, Decimal>;
  readonly held: ReadonlyMap<string, Decimal>;
  calls: number;
}

/** What lists do not show yet: orders just placed, and balances that lag behind. */
export class Visibility {
  readonly #hidden = new Map<string, number>();
  readonly #stale = new Map<string, Stale>();

  hide(orderId: string, calls: number): void {
    if (calls > 0) this.#hidden.set(orderId, calls);
  }

  /** Whether a list shows the order; counts the lists that would have. */
  shows(orderId: string): boolean {
    const left = this.#hidden.get(orderId);
    if (left === undefined) return true;
    if (left <= 1) this.#hidden.delete(orderId);
    else this.#hidden.set(orderId, left - 1);
    return false;
  }

  freezeBalances(
    accountId: string,
    balances: ReadonlyMap<string, Decimal>,
    held: ReadonlyMap<string, Decimal>,
    calls: number,
  ): void {
    this.#stale.set(accountId, { balances: new Map(balances), held: new Map(held), calls });
  }

  /** The frozen balances, as long as there are calls left. */
  frozen(accountId: string): Omit<Stale, 'calls'> | undefined {
    const stale = this.#stale.get(accountId);
    if (stale === undefined) return undefined;
    stale.calls -= 1;
    if (stale.calls <= 0) this.#stale.delete(accountId);
    return stale;
  }
}
