import type { AuditEntry } from '../protection/control.ts';
import type { EventView } from './contract/history-answer.ts';

/** What somebody has switched or set, as an event; before and after as texts. */
export const auditEvent = (entry: AuditEntry): EventView => {
  const { at, by, why, subject } = entry;
  const whose = subject === 'halt' ? {} : { accountId: subject };
  return { at, by, why, ...whose, ...whatOf(entry) };
};

type What = Pick<EventView, 'kind' | 'severity' | 'what' | 'numbers'>;

const SWITCHES = {
  enabled: { on: 'the account was enabled', off: 'the account was disabled' },
  copyPaused: { on: 'copying of purchases was paused', off: 'copying of purchases goes on' },
  exitOnly: { on: 'the account was set to exit-only', off: 'the account may buy again' },
} as const;

const whatOf = (entry: AuditEntry): What => {
  if ('switch' in entry) {
    const { before, after } = entry;
    const numbers = { before, after };
    if (entry.switch === 'halt')
      return after === 'on'
        ? { kind: 'halt', severity: 'warning', what: 'all buying was halted', numbers }
        : { kind: 'resume', severity: 'info', what: 'buying was resumed', numbers };
    const what = SWITCHES[entry.switch][after];
    return {
      kind: 'switch',
      severity: entry.switch === 'exitOnly' && after === 'on' ? 'warning' : 'info',
      what,
      numbers,
    };
  }
  const numbers = { before: textOf(entry.before), after: textOf(entry.after) };
  switch (entry.setting) {
    case 'runaway':
      return {
        kind: 'resume',
        severity: 'info',
        what: 'the breaker over all accounts was cleared, and buying is counted anew',
        numbers,
      };
    case 'registration':
      return {
        kind: 'registration',
        severity: 'info',
        what: entry.before === null ? 'the account was registered' : 'the account was registered again',
        numbers,
      };
    case 'limits':
      return { kind: 'settings', severity: 'info', what: 'limits were changed', numbers };
    case 'protection':
      return { kind: 'settings', severity: 'info', what: 'protection was changed', numbers };
    case 'symbols':
      return { kind: 'settings', severity: 'info', what: 'lists of symbols were changed', numbers };
    case 'runaway-limits':
      return {
        kind: 'settings',
        severity: 'info',
        what: 'the limits of the breaker over all accounts were changed',
        numbers,
      };
  }
};

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === null ? 'none' : JSON.stringify(value);
