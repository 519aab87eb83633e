import type { VirtualClock } from './clock/virtual-clock.ts';
import {
  createKrakenSimulator,
  type KrakenSimulator,
  type KrakenSimulatorOptions,
} from './kraken/simulator.ts';
import { SavedStateError } from './kraken/state.ts';
import { readJson, writeJson } from './state/json-file.ts';
import { StateError } from './state/state-folder.ts';

export interface SimulatedExchange {
  readonly simulator: KrakenSimulator;
  /** Also keeps the books. */
  stop(): Promise<void>;
}

/**
 * The simulated Kraken with the books of an earlier run, where the file holds some.
 *
 * @throws StateError when the books are damaged
 */
export const startSimulatedExchange = async (
  options: Omit<KrakenSimulatorOptions, 'state'> & { readonly clock: VirtualClock },
  file: string,
): Promise<SimulatedExchange> => {
  const books = await readBooks(file);
  const simulator = withBooks(options, books, file);
  await simulator.start();
  return {
    simulator,
    stop: async () => {
      await simulator.stop();
      await writeJson(file, simulator.snapshot());
    },
  };
};

const withBooks = (
  options: Omit<KrakenSimulatorOptions, 'state'>,
  books: unknown,
  file: string,
): KrakenSimulator => {
  try {
    return createKrakenSimulator({ ...options, ...(books === undefined ? {} : { state: books }) });
  } catch (error) {
    if (!(error instanceof SavedStateError)) throw error;
    throw new StateError(`${error.message}. Move the state folder away to start anew (given '${file}')`, {
      cause: error,
    });
  }
};

const readBooks = async (file: string): Promise<unknown> =>
  await readJson(file).catch((error: unknown) => {
    throw new StateError(
      `the simulated exchange's books are damaged. Move the state folder away to start anew (given '${file}')`,
      { cause: error },
    );
  });
