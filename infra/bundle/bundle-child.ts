/**
 * The inside of a bundle's own process: `node bundle-child.ts FILE`. Loads the bundle, then answers each
 * message `{ id, event }` with `{ id, result }` or `{ id, error: { name, message } }`.
 */
import { pathToFileURL } from 'node:url';
import * as z from 'zod';

const zBundle = z.object({
  handler: z.custom<(event: unknown, context: object) => Promise<unknown>>(
    (value) => typeof value === 'function',
    'the bundle exports no handler',
  ),
});
const zCall = z.object({ id: z.number(), event: z.unknown() });

const { handler } = zBundle.parse(await import(pathToFileURL(process.argv[2] ?? '').href));

const answer = async (id: number, event: unknown): Promise<object> => {
  const deadline = performance.now() + 300_000;
  const context = {
    awsRequestId: `call-${id}`,
    getRemainingTimeInMillis: () => Math.round(deadline - performance.now()),
  };
  try {
    const result = await handler(event, context);
    return { id, result: JSON.parse(JSON.stringify(result ?? null)) };
  } catch (error) {
    return error instanceof Error
      ? { id, error: { name: error.name, message: error.message } }
      : { id, error: { name: 'unknown error', message: String(error) } };
  }
};

process.on('message', async (message) => {
  const { id, event } = zCall.parse(message);
  process.send?.(await answer(id, event));
});
process.on('disconnect', () => process.exit());
process.send?.({ loaded: true });
