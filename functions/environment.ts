import * as z from 'zod';
import type { Host } from './host.ts';

/** A function was deployed without a variable that it needs. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** Reads the variables a function needs. @throws EnvironmentError naming each that is missing or wrong */
export const environment = <T extends z.ZodRawShape>(host: Host, shape: T): z.infer<z.ZodObject<T>> => {
  const parsed = z.object(shape).safeParse(host.env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new EnvironmentError(
    `the function's environment is incomplete: ${problems.join('; ')}. Deploy the stack again`,
  );
};

export const ledgerVariables = { NIJA_STAGE: z.string().min(1), NIJA_TABLE: z.string().min(1) };
export const queueVariables = { NIJA_COPY_QUEUE_URL: z.url() };
export const checkQueueVariables = { NIJA_CHECK_QUEUE_URL: z.url() };
/** How often accounts are checked, as the schedule has it; the default of a stage. */
export const checkVariables = { NIJA_CHECK_MINUTES: z.coerce.number().int().min(1).default(15) };
export const exchangeVariables = { NIJA_EXCHANGE_URL_KRAKEN: z.url().optional() };
