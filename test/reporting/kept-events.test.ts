import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_KINDS, type EventView } from '../../shared/reporting/contract/history-answer.ts';
import { keptOfEach } from '../../shared/reporting/kept-events.ts';

const HALTS: ReadonlySet<string> = new Set(['halt', 'resume', 'runaway']);
const SWITCHES: ReadonlySet<string> = new Set(['switch', 'settings', 'registration']);
const groupOf = (kind: string): string =>
  HALTS.has(kind) ? 'halts' : SWITCHES.has(kind) ? 'switches' : 'happenings';

const eventsOf = (kinds: readonly EventView['kind'][]): readonly EventView[] =>
  kinds.map((kind, index) => ({
    at: 1_000 - index,
    kind,
    severity: 'info',
    what: `${kind} ${index}`,
    numbers: {},
  }));

describe('events of which there are too many', () => {
  it('leave a halt in its place, however many protective sales came after it', () => {
    const events = eventsOf([...Array.from({ length: 300 }, () => 'protection' as const), 'halt', 'switch']);

    const { kept, cutKinds } = keptOfEach(events, 200);

    expect(kept.slice(-2).map(({ kind }) => kind)).toEqual(['halt', 'switch']);
    expect(kept).toHaveLength(202);
    expect(cutKinds).toEqual(['protection']);
  });

  it('give way to their like alone: of each group the newest are kept, and what was cut is named', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...EVENT_KINDS), { maxLength: 60 }),
        fc.integer({ min: 1, max: 10 }),
        (kinds, most) => {
          const events = eventsOf(kinds);

          const { kept, cutKinds } = keptOfEach(events, most);

          const groups = Map.groupBy(events, ({ kind }) => groupOf(kind));
          const newest = new Set([...groups.values()].flatMap((group) => group.slice(0, most)));
          expect(kept).toEqual(events.filter((event) => newest.has(event)));
          const cut = events.filter((event) => !newest.has(event)).map(({ kind }) => kind);
          expect(new Set(cutKinds)).toEqual(new Set(cut));
        },
      ),
    );
  });
});
