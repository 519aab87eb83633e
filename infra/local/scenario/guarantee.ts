/** One promise, whether it held in this run, and what shows it. */
export interface Guarantee {
  readonly name: string;
  readonly held: boolean;
  /** What was compared, or what is wrong. */
  readonly evidence: string;
}

/** Held when there is no problem. */
export const guarantee = (name: string, problems: readonly string[], evidence: string): Guarantee =>
  problems.length === 0
    ? { name, held: true, evidence }
    : {
        name,
        held: false,
        evidence: [
          ...problems.slice(0, 5),
          ...(problems.length > 5 ? [`and ${problems.length - 5} more`] : []),
        ].join('; '),
      };
