import * as z from 'zod';
import type { Sender } from './through-points.ts';

const zBatchGet = z.object({
  input: z.object({
    RequestItems: z.record(z.string(), z.looseObject({ Keys: z.array(z.unknown()) })),
  }),
});
const zSendBatch = z.object({
  input: z.looseObject({ Entries: z.array(z.looseObject({ Id: z.string() })) }),
});
const zSent = z.looseObject({ Failed: z.array(z.unknown()).optional() });

/**
 * A service that now and then does only the first part of a batch and says so, as DynamoDB does with
 * `UnprocessedKeys` and SQS with `Failed`. Goes between the service and the points of a process.
 *
 * @param deviates whether it does so this time, see Sim.deviates
 */
export const withPartialBatches = <Client extends Sender>(
  client: Client,
  deviates: (what: string) => boolean,
): Client => {
  const send = (command: object): unknown => {
    const name = command.constructor.name;
    if (name === 'BatchGetCommand') return partOfGet(client, command, deviates);
    if (name === 'SendMessageBatchCommand') return partOfSend(client, command, deviates);
    return client.send(command);
  };
  return new Proxy(client, {
    get: (target, name) => (name === 'send' ? send : Reflect.get(target, name, target)),
  });
};

const half = (length: number): number => Math.floor(length / 2);

const partOfGet = async (
  client: Sender,
  command: object,
  deviates: (what: string) => boolean,
): Promise<unknown> => {
  const tables = Object.entries(zBatchGet.parse(command).input.RequestItems);
  if (!tables.some(([, { Keys }]) => Keys.length > 1) || !deviates('unprocessed keys'))
    return await client.send(command);
  const split = (part: (keys: readonly unknown[]) => readonly unknown[]) =>
    Object.fromEntries(
      tables.flatMap(([table, request]) => {
        const keys = part(request.Keys);
        return keys.length === 0 ? [] : [[table, { ...request, Keys: keys }]];
      }),
    );
  const answer = await client.send(
    alike(command, { RequestItems: split((keys) => keys.slice(half(keys.length))) }),
  );
  return {
    ...z.looseObject({}).parse(answer),
    UnprocessedKeys: split((keys) => keys.slice(0, half(keys.length))),
  };
};

const partOfSend = async (
  client: Sender,
  command: object,
  deviates: (what: string) => boolean,
): Promise<unknown> => {
  const { input } = zSendBatch.parse(command);
  const count = half(input.Entries.length);
  if (count === 0 || !deviates('a part of the batch fails')) return await client.send(command);
  const answer = zSent.parse(
    await client.send(alike(command, { ...input, Entries: input.Entries.slice(0, -count) })),
  );
  const failed = input.Entries.slice(-count).map(({ Id }) => ({
    Id,
    Code: 'InternalError',
    Message: 'The request was not processed',
    SenderFault: false,
  }));
  return { ...answer, Failed: [...(answer.Failed ?? []), ...failed] };
};

/** A command of the same class with another input. */
const alike = (command: object, input: object): object =>
  Object.assign(Object.create(Object.getPrototypeOf(command)), command, { input });
