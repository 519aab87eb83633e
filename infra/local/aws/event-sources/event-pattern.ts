import * as z from 'zod';

const zLiteral = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const zCondition = z.union([
  zLiteral,
  z.strictObject({ prefix: z.string() }),
  z.strictObject({ suffix: z.string() }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({ 'equals-ignore-case': z.string() }),
  z.strictObject({ 'anything-but': z.union([zLiteral, z.array(zLiteral)]) }),
]);
type Condition = z.infer<typeof zCondition>;

/** Fields that all have to match; of the conditions in a list one has to. */
export interface EventPattern {
  readonly [field: string]: EventPattern | readonly Condition[];
}

/** The part of EventBridge's patterns that filters of stream event sources need. An unknown condition is refused. */
export const zEventPattern: z.ZodType<EventPattern> = z.lazy(() =>
  z.record(z.string(), z.union([z.array(zCondition).min(1), zEventPattern])),
);

/** Whether the event has what the pattern asks for; other fields do not matter. */
export const matches = (pattern: EventPattern, event: unknown): boolean =>
  Object.entries(pattern).every(([field, expected]) => {
    const value = isRecord(event) ? event[field] : undefined;
    if (isList(expected)) return expected.some((condition) => holds(condition, value));
    return matches(expected, value);
  });

const isList = (value: EventPattern | readonly Condition[]): value is readonly Condition[] =>
  Array.isArray(value);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const holds = (condition: Condition, value: unknown): boolean => {
  if (condition === null || typeof condition !== 'object') return value === condition;
  if ('prefix' in condition) return typeof value === 'string' && value.startsWith(condition.prefix);
  if ('suffix' in condition) return typeof value === 'string' && value.endsWith(condition.suffix);
  if ('exists' in condition) return (value !== undefined && !isRecord(value)) === condition.exists;
  if ('equals-ignore-case' in condition) {
    return typeof value === 'string' && value.toLowerCase() === condition['equals-ignore-case'].toLowerCase();
  }
  const refused = condition['anything-but'];
  return value !== undefined && !(Array.isArray(refused) ? refused : [refused]).some((one) => one === value);
};
