import * as z from 'zod';

/** A day, or a moment of it, in UTC unless it says otherwise. */
const SHAPE = 'is a moment like 2026-01-31 or 2026-01-31T10:00:00Z';

/** A moment as `view` takes it. */
export const zMomentOption = z
  .string()
  .transform((text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text))
  .pipe(z.iso.datetime({ offset: true, error: SHAPE }));

export const zPeriodOptions = { from: zMomentOption.optional(), to: zMomentOption.optional() };

export const periodOf = ({
  from,
  to,
}: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): { from?: string; to?: string } => ({
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
});
