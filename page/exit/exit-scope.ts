import { EXIT_SCOPES, type ExitScope } from '../../shared/exit/exit-request.ts';

export interface ScopeChoice {
  readonly scope: ExitScope;
  readonly words: string;
}

const WORDS: Readonly<Record<ExitScope, string>> = {
  managed: 'What Nija bought',
  everything: 'Everything the account holds, also what Nija did not buy',
};

export const SCOPE_CHOICES: readonly ScopeChoice[] = EXIT_SCOPES.map((scope) => ({
  scope,
  words: WORDS[scope],
}));
