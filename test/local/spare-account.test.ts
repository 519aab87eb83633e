import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKrakenSimulator } from '../../infra/local/kraken/simulator.ts';
import { openSpareAccount, SPARE_ACCOUNT } from '../../infra/local/owner/spare-account.ts';
import { fixedPrice } from '../../infra/local/prices/price-source.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { systemClock } from '../../shared/time/system-clock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nija-spare-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('there is one account to be added, its key in a file of its owner alone, however often it is asked for', async () => {
  const prices = [fixedPrice(marketSymbol('BTC/USD'), '50000')];
  const simulator = createKrakenSimulator({ prices, clock: systemClock, seed: 1 });
  const file = join(folder, 'spare-key.json');

  await openSpareAccount(simulator, file);
  const first = await readFile(file, 'utf8');
  await openSpareAccount(simulator, file);

  expect(Object.keys(JSON.parse(first))).toEqual(['apiKey', 'apiSecret']);
  expect(await readFile(file, 'utf8')).toBe(first);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(simulator.books.balances(SPARE_ACCOUNT)).toMatchObject({ USD: { total: '5000' } });
});
