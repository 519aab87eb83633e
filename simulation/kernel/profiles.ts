import { type AwsRates, serviceProfile, storeProfile } from './aws-faults.ts';
import { killedBefore, type Profiles } from './faults.ts';
import { httpProfile } from './http-faults.ts';

/**
 * Far worse than any month at AWS: of some fifty points of a copy two or three deviate, and one copy in ten
 * loses its process. Rare enough that most work gets done, or nothing would be at stake.
 */
const AWS: AwsRates = {
  refused: 0.002,
  failedBefore: 0.002,
  lostAnswer: 0.003,
  repeated: 0.006,
  slow: 0.005,
  killed: 0.001,
};

export const faultyProfiles: Profiles = {
  store: storeProfile({ ...AWS, conflict: 0.01 }),
  queue: serviceProfile(AWS, { from: 2, to: 15 }),
  secrets: serviceProfile(AWS, { from: 5, to: 20 }),
  exchange: httpProfile({ neverOpened: 0.005, reset: 0.01, silent: 0.01, slow: 0.01, killed: 0.004 }),
  sleep: {
    latencyMs: { from: 0, to: 0 },
    faults: [
      killedBefore(0.003),
      { name: 'overslept', probability: 0.01, acts: 1, ends: 'answer', afterMs: { from: 100, to: 20_000 } },
    ],
  },
};

/** No faults, the same usual latencies. */
export const quietProfiles: Profiles = {
  store: { ...faultyProfiles.store, faults: [] },
  queue: { ...faultyProfiles.queue, faults: [] },
  secrets: { ...faultyProfiles.secrets, faults: [] },
  exchange: { ...faultyProfiles.exchange, faults: [] },
  sleep: { ...faultyProfiles.sleep, faults: [] },
};
