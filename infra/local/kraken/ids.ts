import { digest, hash32 } from '../prices/chance.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** `OQCLML-BW3P3-BUCMWZ`: a letter for the kind, the rest drawn from the seed, the account and a count. */
const id = (kind: string, ...parts: readonly (string | number)[]): string => {
  const bytes = digest(kind, ...parts);
  let letters = '';
  for (let index = 0; index < 16; index++) letters += LETTERS[(bytes[index] ?? 0) % 32] ?? 'A';
  return `${kind}${letters.slice(0, 5)}-${letters.slice(5, 10)}-${letters.slice(10, 16)}`;
};

export const orderId = (seed: number, account: string, draw: number): string => id('O', seed, account, draw);
export const tradeId = (seed: number, account: string, draw: number): string => id('T', seed, account, draw);
export const positionId = (seed: number, account: string, draw: number): string =>
  id('T', seed, account, draw, 'position');
export const ledgerId = (seed: number, account: string, draw: number, leg: string): string =>
  id('L', seed, account, draw, leg);
export const tradeNumber = (seed: number, account: string, draw: number): number =>
  hash32(seed, account, draw) % 90_000_000;
