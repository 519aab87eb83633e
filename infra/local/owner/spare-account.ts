import type { KrakenSimulator } from '../kraken/simulator.ts';
import { readJson, writeJson } from '../state/json-file.ts';

/** Whose account it is: somebody who is not registered yet. */
export const SPARE_ACCOUNT = 'u-new';

/**
 * An account at the simulated exchange that Nija does not know, with its key in a file that only its owner may read:
 * so that adding an account can be tried. Once for each state.
 */
export const openSpareAccount = async (simulator: KrakenSimulator, file: string): Promise<void> => {
  if ((await readJson(file)) !== undefined) return;
  simulator.createAccount({ accountId: SPARE_ACCOUNT, balances: { USD: '5000' } });
  const { apiKey, apiSecret } = simulator.addKey({ accountId: SPARE_ACCOUNT, tier: 'pro' });
  await writeJson(file, { apiKey, apiSecret });
};
