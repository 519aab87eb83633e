/** Lambda gives one whole core at this much memory, and less in proportion. */
const WHOLE_CORE_MB = 1_769;
const MB_PER_GB = 1_024;

/**
 * Milliseconds that Lambda bills: waiting takes as long as measured; CPU takes longer in proportion where the
 * memory buys less than the core it was measured on.
 */
export const billedMs = (
  { wallMs, cpuMs }: { readonly wallMs: number; readonly cpuMs: number },
  memoryMb: number,
): number => Math.ceil(wallMs + cpuMs * Math.max(0, WHOLE_CORE_MB / memoryMb - 1));

export const gbSeconds = (ms: number, memoryMb: number): number => (ms / 1_000) * (memoryMb / MB_PER_GB);

/**
 * The share of a burst's invocations that begin with a new instance, when the last burst is long ago: as many
 * as run at once.
 */
export const coldShareOfBurst = (invocations: number, atOnce: number): number =>
  invocations <= atOnce ? 1 : atOnce / invocations;

/** How long a burst takes in all, in seconds: its invocations share as many instances as run at once. */
export const secondsOfBurst = (billedSeconds: number, atOnce: number): number =>
  Math.ceil(billedSeconds / atOnce);

/** Of a function's invocations in so many `seconds` of work, how many X-Ray records at most: one a second, then one in twenty. */
export const tracesOf = (invocations: number, seconds: number): number => {
  const certain = Math.min(invocations, seconds);
  return certain + (invocations - certain) * 0.05;
};
