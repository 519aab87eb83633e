/** What feeds a function with events, as Lambda's event source mappings do. */
export interface EventSource {
  /** How many invocations have ended so far. */
  readonly invocations: number;
  /**
   * Resolves when there is nothing left to deliver now (what is hidden or delayed comes later) and no
   * handler runs.
   */
  settle(): Promise<void>;
  /** Takes nothing new, lets running handlers finish and records what they did. */
  stop(): Promise<void>;
}

/** Something that a person who watches the runtime should know; the source goes on by itself. */
export type Report = (problem: {
  readonly functionName: string;
  readonly message: string;
  readonly error: unknown;
}) => void;

/** Resolves when all sources have settled although some feed others. */
export const settleAll = async (sources: readonly EventSource[]): Promise<void> => {
  const ended = () => sources.reduce((sum, source) => sum + source.invocations, 0);
  for (;;) {
    const before = ended();
    for (const source of sources) await source.settle();
    if (ended() === before) return;
  }
};
