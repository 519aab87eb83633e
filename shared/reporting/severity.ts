import { type Finding, SEVERITIES } from './contract/finding.ts';

/** The worst first, then by account and code, so that an answer is the same each time. */
export const bySeverity = (a: Finding, b: Finding): number =>
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
  (a.accountId ?? '').localeCompare(b.accountId ?? '') ||
  a.code.localeCompare(b.code);
