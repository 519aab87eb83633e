import type { AccountCheckPorts, CheckAftermath, CheckStep } from './account-check.ts';

/** What a check sees to, in this order. */
export const checkSteps = (
  _ports: Omit<AccountCheckPorts, 'steps' | 'aftermath'>,
): { readonly steps: readonly CheckStep[]; readonly aftermath: readonly CheckAftermath[] } => ({
  steps: [],
  aftermath: [],
});
