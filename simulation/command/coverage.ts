import type { SeedReport } from './messages.ts';

interface Counted {
  seeds: number;
  times: number;
}

/** What came about in a set of seeds, and in how many of them. */
export class Coverage {
  readonly #counts = new Map<string, Counted>();
  #seeds = 0;

  add({ coverage }: Pick<SeedReport, 'coverage'>): void {
    if (coverage === undefined) return;
    this.#seeds += 1;
    for (const [what, times] of Object.entries(coverage)) {
      const counted = this.#counts.get(what) ?? { seeds: 0, times: 0 };
      counted.seeds += 1;
      counted.times += times;
      this.#counts.set(what, counted);
    }
  }

  /** One line for each, by name: the share of seeds that it was in, and how often it was in one on average. */
  table(): string {
    const lines = [...this.#counts]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([what, { seeds, times }]) => {
        const share = `${((100 * seeds) / this.#seeds).toFixed(0)} %`.padStart(5);
        return `${share} ${(times / this.#seeds).toFixed(2).padStart(8)}  ${what}`;
      });
    return `seeds  a seed  of ${this.#seeds} seeds\n${lines.join('\n')}\n`;
  }
}
