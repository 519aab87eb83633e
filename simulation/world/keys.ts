import type { Random } from '../kernel/random.ts';

export interface SimulatedKey {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** As long as Kraken's own. */
const KEY_LETTERS = 56;
/** A multiple of four: base64 that is the same after decoding and encoding. */
const SECRET_LETTERS = 88;

/** What every secret of a seed contains, so that it is known where it must not be. Letters of base64. */
export const canaryOf = (seed: number): string => `Canary${seed.toString(16).padStart(10, '0')}x`;

/** A key that nobody else has, of letters that Kraken's have. */
export const drawKey = (random: Random, canary: string): SimulatedKey => ({
  apiKey: filled(random, canary, KEY_LETTERS),
  apiSecret: filled(random, canary, SECRET_LETTERS),
});

const filled = (random: Random, start: string, length: number): string => {
  let text = start;
  while (text.length < length) text += random.bits().toString(36);
  return text.slice(0, length);
};
