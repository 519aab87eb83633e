import { MINUTE } from '../../shared/time/clock.ts';
import type { Random } from '../kernel/random.ts';

/** A drawn time, in milliseconds; both ends are whole minutes. */
export const minutes = (random: Random, from: number, to: number): number =>
  random.whole(from * MINUTE, to * MINUTE);
