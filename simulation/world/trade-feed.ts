import type { DynamoDBRecord } from 'aws-lambda';
import { SORT } from '../../shared/ledger/dynamodb/keys.ts';
import type { MemoryStream } from '../aws/dynamodb/stream.ts';
import type { StreamFeed } from '../kernel/sources/stream-source.ts';

/**
 * Of a table's stream only what may be a trade, so that nothing else is marshalled; whether it is one, the
 * filter of the source decides.
 */
export const tradeFeed = (stream: MemoryStream): StreamFeed => {
  const records: DynamoDBRecord[] = [];
  let seen: string | undefined;
  const catchUp = (): void => {
    if (stream.last === seen) return;
    const fresh = stream.since(
      seen,
      ({ sk, eventName }) => eventName === 'INSERT' && sk.startsWith(SORT.trade('')),
    );
    seen = stream.last;
    records.push(...fresh);
  };
  return {
    since: (after) => {
      catchUp();
      if (after === undefined) return records;
      return records.slice(records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === after) + 1);
    },
  };
};
