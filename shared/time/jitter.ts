import { createHash } from 'node:crypto';

/** A source of unique ids, so that one seed replays one run. */
export interface Ids {
  id(): string;
}

/** Between half of `ms` and all of it: those who wait for the same thing do not ask at the same time. */
export const jittered = (ms: number, ids: Ids): number => {
  const share = createHash('sha256').update(ids.id()).digest().readUInt16BE(0) / 0xffff;
  return Math.ceil(ms * (0.5 + share / 2));
};
