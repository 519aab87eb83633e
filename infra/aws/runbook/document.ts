import { join } from 'node:path';
import type { AlarmAudience } from '../monitoring/alarm.ts';
import type { DeployedAlarm } from './alarms.ts';

export const RUNBOOK = join(import.meta.dirname, '../../../docs/runbook.md');

const BEGIN = '<!-- npm run runbook: begin -->';
const END = '<!-- npm run runbook: end -->';

/** The runbook lacks the place for the alarms. */
export class RunbookError extends Error {
  override readonly name = 'RunbookError';
}

/** The runbook with its list of alarms replaced. @throws RunbookError */
export const withAlarms = (runbook: string, alarms: readonly DeployedAlarm[]): string => {
  const [before, rest, ...more] = runbook.split(BEGIN);
  const [, after, ...evenMore] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length + evenMore.length > 0)
    throw new RunbookError(`the alarms go between the lines '${BEGIN}' and '${END}', each once: add them`);
  return `${before}${BEGIN}\n\n${tables(alarms)}\n\n${END}${after}`;
};

/** Users' money first. */
const PARTS = [
  ['user', 'What users rely on'],
  ['master', 'Masters'],
  ['operators', 'What operators look at'],
  ['notify', 'Notices'],
] as const satisfies readonly (readonly [AlarmAudience, string])[];

const tables = (alarms: readonly DeployedAlarm[]): string =>
  PARTS.map(([audience, title]) => {
    const rows = alarms.filter((alarm) => alarm.audience === audience).map(rowOf);
    return [`### ${title}`, '', '| alarm | means | first |', '|---|---|---|', ...rows].join('\n');
  }).join('\n\n');

const rowOf = ({ id, tellsAtOnce, means, first }: DeployedAlarm): string =>
  `| \`${id}\`${tellsAtOnce ? ' ✉' : ''} | ${cell(means)} | ${cell(first)} |`;

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);

/** A section is about the alarms that its heading names: `` ### `exit-failed` `` or several of them. */
export const alarmSections = (runbook: string): readonly string[] =>
  runbook
    .split('\n')
    .filter((line) => /^### `/.test(line))
    .flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, id]) => id ?? ''));
