/**
 * Random numbers that depend on a seed and a name, and on nothing else: xoshiro128** (Blackman and Vigna), its
 * state spread from a 64-bit key by the finaliser of MurmurHash3. `split` and `at` derive from the key, never
 * from how many numbers were drawn, so that one more draw in one part changes no other part.
 */
export class Random {
  readonly #high: number;
  readonly #low: number;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  private constructor(high: number, low: number) {
    this.#high = high;
    this.#low = low;
    this.#a = finalised(high ^ 0x9e3779b9);
    this.#b = finalised(low ^ 0x85ebca6b);
    this.#c = finalised(high + 0xc2b2ae35);
    // Odd, so that the state is never all zero.
    this.#d = finalised(low + 0x27d4eb2f) | 1;
  }

  /** @param seed a whole number, 0 to 2^53 - 1 */
  static of(seed: number): Random {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`a seed is a whole number from 0 to 2^53 - 1 (given ${seed})`);
    const high = finalised(Math.floor(seed / 2 ** 32) ^ 0x51ed270b);
    return new Random(high, finalised((seed >>> 0) ^ high));
  }

  /** The source of that name: the same whatever was drawn here before. */
  split(name: string): Random {
    return new Random(hashed(this.#high, name), hashed(this.#low ^ 0x2545f491, name));
  }

  /** The source number `ordinal`, cheaper than one by name. */
  at(ordinal: number): Random {
    return new Random(
      finalised(this.#high ^ Math.imul(ordinal, 0x9e3779b1)),
      finalised(this.#low + Math.imul(ordinal, 0x85ebca77)),
    );
  }

  /** 32 random bits, as a number from 0. */
  bits(): number {
    const scrambled = Math.imul(this.#b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** In [0, 1). */
  fraction(): number {
    return this.bits() / 4_294_967_296;
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  /** True in that share of cases. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** @throws RangeError for an empty list */
  pick<T>(list: readonly T[]): T {
    const index = this.whole(0, list.length - 1);
    const picked = list[index];
    if (index < 0 || index >= list.length) throw new RangeError('nothing to pick from: the list is empty');
    return picked as T;
  }

  /** In the form of a random UUID. */
  uuid(): string {
    const digits = [this.bits(), this.bits(), this.bits(), this.bits()]
      .map((bits) => bits.toString(16).padStart(8, '0'))
      .join('');
    const variant = '89ab'[this.bits() & 3];
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
  }
}

const finalised = (value: number): number => {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** 32 bits of a text, mixed into others. */
export const hashed = (start: number, text: string): number => {
  let hash = (start ^ 0x811c9dc5) >>> 0;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return finalised(hash ^ text.length);
};
