import type { Html } from '../markup/html.ts';

/** What lets somebody ask for an exit of one account; asks before it does anything. Each host has its own. */
export type ExitControl = (accountId: string) => Html;
