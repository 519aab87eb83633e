import type { DynamoDBRecord, AttributeValue as LambdaValue } from 'aws-lambda';
import { type Instant, SECOND } from '../../../shared/time/clock.ts';
import { imageOf } from './image.ts';
import type { ItemChange } from './index-entries.ts';
import { itemSize } from './item-size.ts';
import type { TableDefinition } from './table-definition.ts';
import type { StoredItem } from './value.ts';

/** A write as the stream keeps it. Its items are shared with the table: never change them. */
export interface StreamedChange extends ItemChange {
  readonly sequenceNumber: string;
  readonly at: Instant;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  /** Deleted by the table itself, because its time was over. */
  readonly expired: boolean;
}

/** Every write of a table in its order. `wanted` sorts out what is not, before anything is marshalled. */
export interface MemoryStream {
  /** The sequence number of the last write; undefined before the first. */
  readonly last: string | undefined;
  /** All after that sequence number; from the beginning where it is undefined. */
  changesSince(sequenceNumber: string | undefined): readonly StreamedChange[];
  /** As a Lambda function gets them. */
  since(
    sequenceNumber: string | undefined,
    wanted?: (change: StreamedChange) => boolean,
  ): readonly DynamoDBRecord[];
  record(change: StreamedChange): DynamoDBRecord;
}

const REGION = 'us-east-1';
/** Real ones have 21 digits and more, and rise. */
const FIRST_DIGIT = '1';
const DIGITS = 20;

const sequenceNumberOf = (count: number): string => FIRST_DIGIT + String(count).padStart(DIGITS, '0');
const countOf = (sequenceNumber: string): number => Number(sequenceNumber.slice(FIRST_DIGIT.length));

export class ChangeStream implements MemoryStream {
  readonly #changes: StreamedChange[] = [];
  readonly #definition: TableDefinition;

  constructor(definition: TableDefinition) {
    this.#definition = definition;
  }

  get last(): string | undefined {
    return this.#changes.at(-1)?.sequenceNumber;
  }

  append(change: ItemChange, at: Instant, expired: boolean): void {
    const { pk, sk, before, after } = change;
    const eventName = before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY';
    const sequenceNumber = sequenceNumberOf(this.#changes.length + 1);
    this.#changes.push({ sequenceNumber, at, eventName, expired, pk, sk, before, after });
  }

  changesSince(sequenceNumber: string | undefined): readonly StreamedChange[] {
    return this.#changes.slice(sequenceNumber === undefined ? 0 : countOf(sequenceNumber));
  }

  since(
    sequenceNumber: string | undefined,
    wanted: (change: StreamedChange) => boolean = () => true,
  ): readonly DynamoDBRecord[] {
    return this.changesSince(sequenceNumber)
      .filter(wanted)
      .map((change) => this.record(change));
  }

  record({ sequenceNumber, at, eventName, expired, pk, sk, before, after }: StreamedChange): DynamoDBRecord {
    const { name, partitionKey, sortKey } = this.#definition;
    const keys = { [partitionKey]: pk, [sortKey]: sk };
    const images = [keys, before, after].filter((item) => item !== undefined);
    return {
      eventID: `${name}-${sequenceNumber}`,
      eventName,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: REGION,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(at / SECOND),
        Keys: lambdaImage(keys),
        ...(after === undefined ? {} : { NewImage: lambdaImage(after) }),
        ...(before === undefined ? {} : { OldImage: lambdaImage(before) }),
        SequenceNumber: sequenceNumber,
        SizeBytes: images.reduce((sum, item) => sum + itemSize(item), 0),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
      eventSourceARN: `arn:aws:dynamodb:${REGION}:000000000000:table/${name}/stream/2026-01-01T00:00:00.000`,
      ...(expired ? { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } } : {}),
    };
  }
}

/** Lambda's types write the same notation in other words. */
const lambdaImage = (item: StoredItem): Record<string, LambdaValue> =>
  imageOf(item) as Record<string, LambdaValue>;
