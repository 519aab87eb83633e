import type { Finding } from '../../shared/reporting/contract/finding.ts';
import type { Block, Tone } from '../screen/shown.ts';

const TONES: Readonly<Record<Finding['severity'], Tone>> = {
  critical: 'bad',
  warning: 'warn',
  info: 'faint',
};

/** What is wrong, whose, and what to do, the worst first. */
export const findingsBlock = (findings: readonly Finding[]): Block => ({
  kind: 'table',
  columns: [{ title: 'SEVERITY' }, { title: 'CODE' }, { title: 'ACCOUNT' }, { title: 'WHAT → WHAT TO DO' }],
  rows: findings.map(({ severity, code, accountId, what, remedy }) => [
    { text: severity, tone: TONES[severity] },
    code,
    accountId ?? 'all',
    `${what} → ${remedy}`,
  ]),
  none: 'Nothing was found.',
});
