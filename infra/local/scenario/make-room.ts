import type { Runtime } from '../runtime.ts';

/** Up to so many the limits of all accounts together are roomy as they are. */
const FEW = 50;
/** Of one user within a window, many times what the strategy makes it buy. */
const ORDERS_EACH = 20;
const NOTIONAL_EACH = 50_000n;

/** Raises the limits of all accounts together to what so many users may buy, as an operator has to. */
export const makeRoom = async (runtime: Runtime, users: number): Promise<void> => {
  if (users <= FEW) return;
  const limits = { maxOrders: users * ORDERS_EACH, maxNotional: String(BigInt(users) * NOTIONAL_EACH) };
  const why = `${users} users are to trade`;
  await runtime.call('control', { action: 'set-runaway-limits', limits, by: 'operator', why });
};
