import type { PagedReading } from '../../shared/exchange/exchange.ts';

/** Of a key that is kept by itself, and as many pages as there are. */
export const WHOLE: PagedReading = { keep: async () => {}, mostPages: Number.POSITIVE_INFINITY };
