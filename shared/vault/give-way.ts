import { type Clock, type Instant, SECOND } from '../time/clock.ts';

/** Who had the key for so long may have kept others waiting, who ask for it again five times a second. */
const LONG_MS = SECOND;
const GIVE_WAY_MS = 300;

/** Between two things that each take the key: whoever waits for it gets it. `since`: when the first one began. */
export const giveWay = async (since: Instant, clock: Clock): Promise<void> => {
  if (clock.now() - since >= LONG_MS) await clock.sleep(GIVE_WAY_MS);
};
