import { afterAll, beforeAll, expect, it } from 'vitest';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { fixedPrice } from '../../infra/local/prices/price-source.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { flatPrices } from '../local/kraken/exchange.ts';
import { heldAtExchange, ordersAtExchange } from './books.ts';
import { type Lab, openLab } from './lab.ts';

const more = [
  fixedPrice(marketSymbol('XRP/USD'), '2'),
  fixedPrice(marketSymbol('LTC/USD'), '80'),
  fixedPrice(marketSymbol('DOGE/USD'), '0.2'),
];
const AMOUNTS = { BTC: '0.01', ETH: '0.2', SOL: '5', XRP: '200', LTC: '4', DOGE: '2000' };

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({
    simulator: { prices: [...flatPrices, ...more], rateLimits: { private: true, engine: true } },
  });
});
afterAll(() => lab.stop());

it.each([
  'starter',
  'intermediate',
  'pro',
] as const)('an exit of more symbols than a %s key may ask for at once waits, and ends flat in one call', async (tier) => {
  const { accountId } = await lab.openAccount('user', { tier });
  for (const [base, amount] of Object.entries(AMOUNTS))
    await lab.givePosition(accountId, marketSymbol(`${base}/USD`), amount);

  const report = await runExit(zExitInput.parse({ accountId, requestId: 'away' }), lab.process());

  expect(report.state).toBe('FLAT');
  for (const base of Object.keys(AMOUNTS))
    expect(Number(heldAtExchange(lab, accountId, marketSymbol(`${base}/USD`)))).toBe(0);
  expect(ordersAtExchange(lab, accountId)).toHaveLength(Object.keys(AMOUNTS).length);
});
