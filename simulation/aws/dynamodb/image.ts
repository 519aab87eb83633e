import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Decimal } from 'decimal.js';
import { isList, type StoredItem, type Value } from './value.ts';

/** DynamoDB's own notation of an item, as failed conditions and stream records carry it. */
export const imageOf = (item: StoredItem): Record<string, AttributeValue> => {
  const image: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(item)) image[name] = attributeValue(value);
  return image;
};

const attributeValue = (value: Value): AttributeValue => {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: Number.isSafeInteger(value) ? String(value) : new Decimal(value).toFixed() };
    case 'boolean':
      return { BOOL: value };
    case 'object':
      if (value === null) return { NULL: true };
      return isList(value) ? { L: value.map(attributeValue) } : { M: imageOf(value) };
  }
};
