import type { BatchGetCommandInput, BatchGetCommandOutput } from '@aws-sdk/lib-dynamodb';
import { invalid, NotSimulated } from './errors.ts';
import { byteCount } from './item-size.ts';
import { keyOfRequest } from './keys.ts';
import { onlySimulated } from './parameters.ts';
import { noSuchTable } from './refusals.ts';
import type { TableDefinition } from './table-definition.ts';
import type { TableStore } from './table-store.ts';
import { copyItemOut } from './value.ts';

const MOST_KEYS = 100;
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * @param most keys that are answered; the others come back as unprocessed
 * @throws ValidationException
 */
export const batchGet = (
  input: BatchGetCommandInput,
  definition: TableDefinition,
  store: TableStore,
  most = MOST_KEYS,
): BatchGetCommandOutput => {
  const tables = Object.entries(input.RequestItems ?? {});
  const [asked] = tables;
  if (asked === undefined || tables.length > 1)
    throw new NotSimulated(`a BatchGet asks one table (given ${tables.length})`);
  const [name, request] = asked;
  if (name !== definition.name) throw noSuchTable();
  onlySimulated('keys of a BatchGet', request);
  const keys = request.Keys ?? [];
  if (keys.length === 0 || keys.length > MOST_KEYS)
    throw invalid(`Member must have length between 1 and ${MOST_KEYS} (given ${keys.length} keys)`);
  const places = keys.map((key) => keyOfRequest(key, definition));
  if (new Set(places.map(({ pk, sk }) => JSON.stringify([pk, sk]))).size < keys.length)
    throw invalid('Provided list of item keys contains duplicates');

  const found: Record<string, unknown>[] = [];
  const bytes = byteCount(MOST_BYTES);
  let answered = 0;
  for (const { pk, sk } of places) {
    if (answered >= most) break;
    const item = store.get(pk, sk);
    if (item !== undefined) {
      if (bytes.exceedsWith(item)) break;
      found.push(copyItemOut(item));
    }
    answered += 1;
  }
  const rest = keys.slice(answered);
  return {
    Responses: { [name]: found },
    UnprocessedKeys:
      rest.length === 0 ? {} : { [name]: { ...request, Keys: rest.map((key) => ({ ...key })) } },
    $metadata: {},
  };
};
