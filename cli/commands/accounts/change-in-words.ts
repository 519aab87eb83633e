import type { AuditLine } from '../../answers/control-answer.ts';

/** What an entry of the audit trail changed, setting by setting: `limits: maxTradeFraction 0.1 → 0.05`. */
export const changeInWords = ({ switch: name, setting = 'change', before, after }: AuditLine): string => {
  if (name !== undefined) return `${name} ${said(before)} → ${said(after)}`;
  if (before === null) return `${setting}: new`;
  const [was, is] = [leavesOf(before), leavesOf(after)];
  const changed = [...new Set([...was.keys(), ...is.keys()])].filter(
    (leaf) => was.get(leaf) !== is.get(leaf),
  );
  const parts = changed.map((leaf) =>
    `${leaf} ${was.get(leaf) ?? 'none'} → ${is.get(leaf) ?? 'none'}`.trim(),
  );
  return `${setting}: ${parts.join(', ') || 'as it was'}`;
};

/** Each figure by the last part of its path, which names it; lists as a whole. */
const leavesOf = (value: unknown, name = ''): ReadonlyMap<string, string> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[name, said(value)]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leavesOf(inner, key)]));
};

const said = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
