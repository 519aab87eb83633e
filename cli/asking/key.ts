import * as z from 'zod';
import { type Credentials, Secret } from '../../shared/account/credentials.ts';
import type { Context } from '../context.ts';
import { UsageProblem } from '../outcome.ts';

const zText = z.string().trim().min(1).max(4_096);
const zKey = z.object({ apiKey: zText, apiSecret: zText });
const LOOKS_LIKE = '{"apiKey":"…","apiSecret":"…"}';

/**
 * An API key from standard input (JSON), or from two prompts that show nothing; never from an argument, which others
 * could see in the list of processes.
 *
 * @throws UsageProblem, which tells nothing of what was read; Refused
 */
export const askForKey = async (
  context: Context,
  source: { readonly keyStdin: boolean; readonly accountId: string },
): Promise<Credentials> => {
  if (source.keyStdin && context.ask.possible)
    throw new UsageProblem(
      '--key-stdin reads the key from a pipe or a file, and standard input is a terminal, which would show it: leave --key-stdin out, and you are asked for it',
    );
  if (source.keyStdin) return keyFrom(jsonOf(await context.readInput()));
  if (!context.ask.possible)
    throw new UsageProblem(
      `there is no terminal to ask for the key of ${source.accountId} at: give it on standard input, as ${LOOKS_LIKE}, with --key-stdin`,
    );
  const apiKey = await context.ask.secret(`API key of ${source.accountId} (nothing is shown):`);
  const apiSecret = await context.ask.secret('Private key:');
  return keyFrom({ apiKey, apiSecret });
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageProblem(
      `standard input is no JSON: a key is given as ${LOOKS_LIKE} (what was read is not shown)`,
    );
  }
};

const keyFrom = (value: unknown): Credentials => {
  const parsed = zKey.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') || 'the whole';
    throw new UsageProblem(
      `the key is not as it should be at ${where}: it has apiKey and apiSecret, both texts (what was read is not shown)`,
    );
  }
  return { apiKey: new Secret(parsed.data.apiKey), apiSecret: new Secret(parsed.data.apiSecret) };
};
