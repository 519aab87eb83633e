import { Decimal } from 'decimal.js';
import { printedOnAws } from './evidence/printed.ts';
import { guarantee } from './guarantee.ts';

/** Writing all out costs more than the rest of a run: of these seeds the trace is searched, too, and all output. */
const ALL_OF_EVERY = 64;

/** Anywhere in it. What has no text of its own, like a decimal, holds no secret. */
const holds = (value: unknown, canary: string): boolean => {
  if (typeof value === 'string') return value.includes(canary);
  if (typeof value !== 'object' || value === null || Decimal.isDecimal(value)) return false;
  if (value instanceof Error)
    return [value.name, value.message, value.stack, value.cause].some((part) => holds(part, canary));
  for (const name in value) {
    if (name.includes(canary) || holds(Reflect.get(value, name), canary)) return true;
  }
  return false;
};

/** No key and no secret is anywhere but in the vault: every one of them contains the canary. */
export const noSecretLeaks = guarantee('9 no secret leaves the vault', (evidence, broken) => {
  const { sim, canary } = evidence.world;
  evidence.onLine((line) => {
    if (holds(line, canary)) broken(`a log line of ${line.function} has it: '${line.message.slice(0, 40)}'`);
  });
  evidence.onChange(({ pk, sk, after }) => {
    if (holds(after, canary)) broken(`the item ${pk} / ${sk} has it`);
  });
  evidence.onSeen((seen) => {
    if (seen.kind === 'invocation' && holds(seen.event, canary))
      broken(`the event of ${seen.process} has it`);
    else if (seen.kind === 'message' && seen.body.includes(canary))
      broken(`a message that ${seen.process} sends has it`);
    else if (seen.kind === 'answer' && holds(Object.values(seen.answer)[0], canary))
      broken(`the answer of ${seen.process} has it`);
  });
  return () => {
    if (sim.seed % ALL_OF_EVERY !== 0) return undefined;
    if (sim.trace.render().includes(canary)) return 'the trace has it';
    return printedOnAws(evidence.world.lines).includes(canary)
      ? 'what functions print on AWS has it'
      : undefined;
  };
});
