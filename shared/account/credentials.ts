import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

/** A text that shows itself to nobody who does not ask for it by name. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself: for signing, nothing else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

export interface Credentials {
  readonly apiKey: Secret;
  readonly apiSecret: Secret;
}

/** 16 hex digits that tell two API keys apart and nothing about either. */
export const fingerprintOf = (apiKey: Secret): string =>
  createHash('sha256').update(`nija-key:${apiKey.reveal()}`).digest('hex').slice(0, 16);
