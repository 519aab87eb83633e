import type { EventView } from './contract/history-answer.ts';

type Kind = EventView['kind'];
type Group = 'halts' | 'switches' | 'happenings';

/** Which events may take each other's place: what stopped all buying gives way to nothing but its like. */
const GROUPS: Readonly<Record<Kind, Group>> = {
  halt: 'halts',
  resume: 'halts',
  runaway: 'halts',
  switch: 'switches',
  settings: 'switches',
  registration: 'switches',
  protection: 'happenings',
  exit: 'happenings',
  drift: 'happenings',
  adjustment: 'happenings',
  key: 'happenings',
  master: 'happenings',
};

/**
 * The first `most` of each group, in their order, and the kinds of those that were left out.
 *
 * @param events newest first
 */
export const keptOfEach = (
  events: readonly EventView[],
  most: number,
): { readonly kept: readonly EventView[]; readonly cutKinds: readonly Kind[] } => {
  const counts = new Map<Group, number>();
  const cut = new Set<Kind>();
  const kept = events.filter(({ kind }) => {
    const group = GROUPS[kind];
    const before = counts.get(group) ?? 0;
    counts.set(group, before + 1);
    if (before >= most) cut.add(kind);
    return before < most;
  });
  return { kept, cutKinds: [...cut] };
};
