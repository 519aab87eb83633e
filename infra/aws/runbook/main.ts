/** `npm run runbook`: writes what the alarms say of themselves into docs/runbook.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { deployedAlarms, exampleStage } from './alarms.ts';
import { RUNBOOK, withAlarms } from './document.ts';

const before = readFileSync(RUNBOOK, 'utf8');
const after = withAlarms(before, deployedAlarms(exampleStage()));
writeFileSync(RUNBOOK, after);
process.stdout.write(
  `docs/runbook.md ${before === after ? 'told the alarms already' : 'tells the alarms now'}\n`,
);
