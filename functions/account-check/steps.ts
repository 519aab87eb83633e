import { takeSnapshot } from '../../shared/snapshot/take-snapshot.ts';
import type { AccountCheckPorts, CheckAftermath, CheckStep } from './account-check.ts';

export interface CheckPlan {
  readonly steps: readonly CheckStep[];
  readonly aftermath: readonly CheckAftermath[];
}

/** What a check sees to, in this order. */
export const checkPlan = (ports: Omit<AccountCheckPorts, keyof CheckPlan>): CheckPlan => ({
  steps: [{ name: 'snapshot', run: async (facts) => await takeSnapshot(facts, ports) }],
  aftermath: [],
});
