import { type IncomingMessage, request } from 'node:http';
import { type Answer, type Functions, failureOfFunction, notReached } from './functions.ts';

const PLACE = '<name>';

/**
 * The functions of a runtime on this machine, over its Invoke call.
 *
 * @param url with `<name>` in the place of the function's, as `npm start -- --serve` prints it
 */
export const localFunctions = (url: string): Functions => {
  const target = `the local runtime at ${new URL(url.replace(PLACE, 'x')).origin}`;
  return {
    target,
    invoke: async (name, event) => {
      const reply = await post(url.replace(PLACE, name), JSON.stringify(event));
      if (reply === undefined)
        return notReached(
          name,
          'UNREACHABLE',
          `nothing answers for ${target}: start it with npm start -- --serve, or npm start -- --resume to go on with the last run`,
        );
      if (reply.ended === 'early')
        return notReached(
          name,
          'NO_ANSWER',
          `the connection to ${target} ended before ${name} had answered, so it is not known what was done: look, then ask again`,
        );
      return answerOf(name, target, reply);
    },
  };
};

type Reply =
  | { readonly ended: 'whole'; readonly status: number; readonly failed: boolean; readonly body: string }
  | { readonly ended: 'early' };

/** No limit of time: an exit may take minutes, and the runtime has a limit of its own. Undefined: not sent. */
const post = (url: string, body: string): Promise<Reply | undefined> =>
  new Promise((resolve) => {
    const sent = request(url, { method: 'POST', agent: false }, (response) => {
      textOf(response).then(
        (text) =>
          resolve({
            ended: 'whole',
            status: response.statusCode ?? 0,
            failed: response.headers['x-amz-function-error'] !== undefined,
            body: text,
          }),
        () => resolve({ ended: 'early' }),
      );
    });
    sent.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND' ? undefined : { ended: 'early' });
    });
    sent.end(body);
  });

const textOf = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
};

const answerOf = (
  name: string,
  target: string,
  { status, failed, body }: Extract<Reply, { ended: 'whole' }>,
): Answer => {
  const value = parsed(body);
  if (status === 404) return notReached(name, 'NOT_DEPLOYED', `${target} has no function ${name}`);
  if (value === undefined || status !== 200)
    return notReached(
      name,
      'UNEXPECTED_ANSWER',
      `what answers at ${target} is no runtime of Nija (given status ${status})`,
    );
  return failed ? failureOfFunction(name, value.json) : { ok: true, value: value.json };
};

const parsed = (body: string): { readonly json: unknown } | undefined => {
  try {
    return { json: JSON.parse(body) };
  } catch {
    return undefined;
  }
};
