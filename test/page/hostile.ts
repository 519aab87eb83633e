import type * as z from 'zod';
import type { PageData } from '../../page/data/page-data.ts';
import { VIEW_ANSWERS } from '../../shared/reporting/view-contract.ts';
import { sampleData } from './sample.ts';

/** What somebody may call an account, a symbol or a reason, who means no good. */
export const hostile = (place: string): string =>
  `"><img src=x onerror="window.broken='${place}'"><script>window.broken='${place}'</script>' onload='x' </style></title>`;

/** The fields that are figures, moments or of a fixed set: all other texts come from somebody. */
const FIXED = new Set(['query', 'state', 'severity', 'kind', 'side', 'outcome', 'role', 'mode', 'from']);

const spoilt = (value: unknown, name = ''): unknown => {
  if (Array.isArray(value)) return value.map((item) => spoilt(item, name));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, spoilt(inner, field)]));
  return typeof value === 'string' && !FIXED.has(name) && !/^-?\d+(\.\d+)?$/.test(value)
    ? hostile(name)
    : value;
};

/** The sample with every text that is free turned into markup; still as the contract has it. */
export const hostileData = (): PageData => {
  const data = sampleData();
  const changed = <Answer extends { readonly query: keyof typeof VIEW_ANSWERS }>(read: {
    readonly readable: true;
    readonly answer: Answer;
  }) => {
    const schema: z.ZodType = VIEW_ANSWERS[read.answer.query];
    return { readable: true, answer: schema.parse(spoilt(read.answer)) as Answer } as const;
  };
  return Object.fromEntries(
    Object.entries(data).map(([part, read]) => [
      part,
      typeof read === 'object' && read.readable ? changed(read) : read,
    ]),
  ) as unknown as PageData;
};
