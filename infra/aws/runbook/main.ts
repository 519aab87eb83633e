/** `npm run runbook`: writes what the alarms say of themselves into docs/runbook.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { deployedAlarms, exampleStage } from './alarms.ts';
import { RUNBOOK, withAlarms } from './document.ts';

writeFileSync(RUNBOOK, withAlarms(readFileSync(RUNBOOK, 'utf8'), deployedAlarms(exampleStage())));
