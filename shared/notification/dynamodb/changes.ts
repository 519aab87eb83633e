import type { Image } from '../../ledger/dynamodb/attribute-values.ts';
import { plainItem } from '../../ledger/dynamodb/attribute-values.ts';
import type { Instant } from '../../time/clock.ts';
import type { Notice } from '../notice.ts';
import { copyNotices } from './changes/copies.ts';
import { driftNotices } from './changes/drifts.ts';
import { exitNotices } from './changes/exits.ts';
import { attestationNotices, keyStateNotices } from './changes/keys.ts';
import { followingNotices, masterNotices } from './changes/masters.ts';
import { protectionNotices, unjudgedNotices } from './changes/protection.ts';
import type { ChangeReader } from './changes/reader.ts';
import { auditNotices, runawayNotices } from './changes/switches.ts';

/** Of items that are written only where there is something to tell, or seldom. */
const SELDOM_WRITTEN = {
  EXIT: exitNotices,
  PROTECTION: protectionNotices,
  UNJUDGED: unjudgedNotices,
  AUDIT: auditNotices,
  RUNAWAY: runawayNotices,
  FOLLOWING: followingNotices,
  KEY_STATE: keyStateNotices,
  KEY_CHECK: attestationNotices,
  DRIFT: driftNotices,
} as const satisfies Readonly<Record<string, ChangeReader>>;

const READERS: Readonly<Record<string, ChangeReader | undefined>> = {
  ...SELDOM_WRITTEN,
  COPY: copyNotices,
  MASTER_STATUS: masterNotices,
};

const EVENTS = ['INSERT', 'MODIFY'] as const;

/**
 * What the event source selects: a filter for each; a source takes five. Of copies only those that failed or owe a
 * sale, of masters only what is, or was, not healthy: each trade and each tick writes one.
 */
export const NOTICED_CHANGES = [
  { eventName: [...EVENTS], dynamodb: { NewImage: { kind: { S: Object.keys(SELDOM_WRITTEN) } } } },
  {
    eventName: [...EVENTS],
    dynamodb: { NewImage: { kind: { S: ['COPY'] }, outcome: { M: { state: { S: ['FAILED'] } } } } },
  },
  {
    eventName: [...EVENTS],
    dynamodb: { NewImage: { kind: { S: ['COPY'] }, owed: { M: { since: { N: [{ exists: true }] } } } } },
  },
  {
    eventName: [...EVENTS],
    dynamodb: { NewImage: { kind: { S: ['MASTER_STATUS'] }, healthy: { BOOL: [false] } } },
  },
  {
    eventName: [...EVENTS],
    dynamodb: { NewImage: { kind: { S: ['MASTER_STATUS'] } }, OldImage: { healthy: { BOOL: [false] } } },
  },
];

/**
 * What there is to tell of a stream record.
 *
 * @param at when it was written
 * @throws LedgerError, Unreadable: the item is not one that can be read
 */
export const noticesOf = (newImage: Image, oldImage: Image | undefined, at: Instant): readonly Notice[] => {
  const now = plainItem(newImage);
  const read = READERS[String(now['kind'])];
  if (read === undefined) return [];
  return read({ now, before: oldImage === undefined ? undefined : plainItem(oldImage), at });
};
