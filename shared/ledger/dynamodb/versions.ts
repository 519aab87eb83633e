import { LedgerError } from '../ledger.ts';
import { ConditionFailed } from './table-access.ts';
import { ABSENT, type Expression } from './writes.ts';

/**
 * That the item is still the one that was read: nobody has written it since.
 * @param written the mark of its last write; undefined where it has none
 */
export const unchangedSince = (written: unknown): Expression =>
  written === undefined
    ? { expression: 'attribute_exists(#pk) AND attribute_not_exists(#written)' }
    : { expression: '#written = :written', values: { written } };

/** That the stored version is the one before `version`; version 1 is the first. */
export const nextVersion = (version: number): Expression =>
  version === 1 ? ABSENT : { expression: '#version = :before', values: { before: version - 1 } };

/** @returns false where the stored version was not the one before: nothing was written */
export const wroteNext = async (write: () => Promise<void>): Promise<boolean> => {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
};

const ATTEMPTS = 5;

/**
 * Repeats a change that reads first and writes on condition that nothing has changed since.
 * @throws LedgerError where it kept changing: nothing was written
 */
export const untilUnchanged = async <T>(what: string, change: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (attempt === ATTEMPTS)
        throw new LedgerError(`${what} kept changing, and nothing was written: ask again`, { cause: error });
    }
  }
};
