import type { Instant } from '../../../shared/time/clock.ts';
import type { Decimal } from './decimal.ts';

/** What an account has, and what of it is locked; by asset id. */
export interface Funds {
  readonly balances: ReadonlyMap<string, Decimal>;
  readonly held: ReadonlyMap<string, Decimal>;
}

/** For that many calls, and never after that moment. */
export interface Span {
  readonly calls: number;
  readonly until: Instant;
}

interface Left {
  calls: number;
  readonly until: Instant;
}

/** What lists do not show yet: orders just placed, and balances that lag behind. */
export class Visibility {
  readonly #hidden = new Map<string, Left>();
  readonly #stale = new Map<string, { readonly funds: Funds; readonly left: Left }>();

  hide(orderId: string, span: Span): void {
    if (span.calls > 0) this.#hidden.set(orderId, { ...span });
  }

  /** Whether a list shows the order; counts the lists that would have. */
  shows(orderId: string, now: Instant): boolean {
    const left = this.#hidden.get(orderId);
    if (left === undefined) return true;
    if (!used(left, now)) return false;
    this.#hidden.delete(orderId);
    return left.until <= now;
  }

  freezeBalances(accountId: string, { balances, held }: Funds, span: Span): void {
    const funds = { balances: new Map(balances), held: new Map(held) };
    this.#stale.set(accountId, { funds, left: { ...span } });
  }

  /** Whether the next balance call shows frozen ones; uses none up. */
  isFrozen(accountId: string, now: Instant): boolean {
    const left = this.#stale.get(accountId)?.left;
    return left !== undefined && left.until > now;
  }

  /** The frozen balances, as long as they are. */
  frozen(accountId: string, now: Instant): Funds | undefined {
    const stale = this.#stale.get(accountId);
    if (stale === undefined) return undefined;
    if (used(stale.left, now)) this.#stale.delete(accountId);
    return stale.left.until <= now ? undefined : stale.funds;
  }
}

/** Uses one call up. @returns whether that was the last, or came too late */
const used = (left: Left, now: Instant): boolean => {
  left.calls -= 1;
  return left.calls <= 0 || left.until <= now;
};
