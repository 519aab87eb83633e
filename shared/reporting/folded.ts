import type { Finding } from './contract/finding.ts';

/** From so many accounts on, what is good to know of each is said once. */
const MANY = 3;
const NAMED = 3;

/**
 * Findings of many accounts, where what is only good to know and true of many stands once: it must not hide what is
 * wrong with one. Warnings and worse stay by themselves.
 */
export const folded = (findings: readonly Finding[]): readonly Finding[] => {
  const ofCode = (code: string): readonly Finding[] => findings.filter((one) => isFoldable(one, code));
  return findings.flatMap((finding) => {
    const alike = ofCode(finding.code);
    if (alike.length < MANY || !alike.includes(finding)) return [finding];
    return alike[0] === finding ? [together(finding, alike)] : [];
  });
};

const isFoldable = ({ severity, accountId, code }: Finding, asked: string): boolean =>
  severity === 'info' && accountId !== undefined && code === asked;

const together = ({ severity, code, what, remedy }: Finding, alike: readonly Finding[]): Finding => {
  const names = alike.slice(0, NAMED).map(({ accountId }) => accountId);
  const rest = alike.length - names.length;
  const whom = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return { severity, code, what: `${alike.length} accounts (${whom}), of the first: ${what}`, remedy };
};
