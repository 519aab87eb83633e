/** One point of a curve. The value is a coordinate, no money: binary floats do. */
export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

/**
 * At most four points for each slot of time (first, lowest, highest, last), so that a curve of any length is drawn
 * with its extremes and ends where it ends.
 *
 * @param points by time
 */
export const thinned = (points: readonly Point[], slots: number): readonly Point[] => {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length <= slots * 4) return points;
  const span = Math.max(1, last.at - first.at);
  const bySlot = new Map<number, Point[]>();
  for (const point of points) {
    const slot = Math.min(slots - 1, Math.floor(((point.at - first.at) / span) * slots));
    const known = bySlot.get(slot);
    if (known === undefined) bySlot.set(slot, [point]);
    else known.push(point);
  }
  return [...bySlot.values()].flatMap(extremes);
};

const extremes = (points: readonly Point[]): readonly Point[] => {
  const by = (better: (one: number, other: number) => boolean): Point | undefined =>
    points.reduce<Point | undefined>(
      (best, point) => (best === undefined || better(point.value, best.value) ? point : best),
      undefined,
    );
  const kept = new Set([
    points[0],
    by((one, other) => one < other),
    by((one, other) => one > other),
    points.at(-1),
  ]);
  return points.filter((point) => kept.has(point));
};
