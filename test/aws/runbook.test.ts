import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { ExitReport } from '../../functions/exit/exit-contract.ts';
import { readStages, stageConfiguration } from '../../infra/aws/configuration.ts';
import { deployedAlarms, EXAMPLE_MASTER, exampleStage } from '../../infra/aws/runbook/alarms.ts';
import { alarmSections, RunbookError, withAlarms } from '../../infra/aws/runbook/document.ts';
import type { RegistrationRefused } from '../../shared/account/stores.ts';
import { FAIL_REASONS, type SkipReason } from '../../shared/copying/copy.ts';
import type { ExitSymbolResult } from '../../shared/exit/exit-request.ts';
import type { VaultError } from '../../shared/vault/vault.ts';
import { documentNamed, firstCells, sectionOf } from './documents.ts';

const runbook = documentNamed('runbook.md');
const alarms = deployedAlarms(exampleStage());

describe('the alarms of the runbook', () => {
  test('say what the deployed alarms say (npm run runbook writes them)', () => {
    expect(runbook).toBe(withAlarms(runbook, alarms));
  });

  test('have a section each that says what to do next, and no section is about an alarm that is gone', () => {
    const sections = alarmSections(runbook);

    expect([...sections].sort()).toEqual(alarms.map(({ id }) => id).sort());
  });

  test('are those of every stage that is configured, with any of its masters in the place of the example', () => {
    const stages = readStages();
    const known = new Set(alarms.map(({ id }) => id));
    const names = Object.keys(z.record(z.string(), z.unknown()).parse(stages));

    const unknown = names.flatMap((stage) => {
      const configuration = stageConfiguration(stages, { stage });
      return deployedAlarms(configuration)
        .map(({ id }) =>
          configuration.masters.reduce(
            (told, { accountId }) => told.replace(`${accountId}-`, `${EXAMPLE_MASTER}-`),
            id,
          ),
        )
        .filter((id) => !known.has(id));
    });

    expect(names).not.toEqual([]);
    expect(unknown).toEqual([]);
  });

  test('are told of users before those of masters', () => {
    expect(runbook.indexOf('### What users rely on')).toBeLessThan(runbook.indexOf('### Masters'));
    expect(runbook.indexOf('`exit-failed`')).toBeLessThan(runbook.indexOf('`schedules-failing`'));
  });

  test('cannot be written where the document has no place for them, or two', () => {
    expect(() => withAlarms('nothing', alarms)).toThrow(RunbookError);
    expect(() => withAlarms(`${runbook}${runbook}`, alarms)).toThrow(RunbookError);
  });
});

/** Typed by what the code can say, so that a new reason does not compile before it is told here. */
type All<Name extends string> = Readonly<Record<Name, true>>;

describe('the reasons that the runbook explains are all that there are', () => {
  test('of a copy that was skipped', () => {
    const reasons: All<SkipReason> = {
      ACCOUNT_DISABLED: true,
      HALTED: true,
      EXIT_ONLY: true,
      COPY_PAUSED: true,
      NOT_FOLLOWING: true,
      MASTER_UNHEALTHY: true,
      STALE: true,
      EXCHANGE_FAILING: true,
      SYMBOL_UNSUPPORTED: true,
      SYMBOL_DENIED: true,
      PRICE_MOVED: true,
      MAX_POSITIONS: true,
      DAILY_LOSS: true,
      MAX_DRAWDOWN: true,
      ORDER_RATE: true,
      INSUFFICIENT_CASH: true,
      BELOW_MINIMUM: true,
      NO_POSITION: true,
      NOT_FILLED: true,
    };

    expect(firstCells(sectionOf(runbook, '## Why a copy was skipped'))).toEqual(Object.keys(reasons));
  });

  test('of a copy that failed, and of one that was sold in part', () => {
    expect(firstCells(sectionOf(runbook, '## Why a copy failed'))).toEqual([...FAIL_REASONS, 'PARTLY_SOLD']);
  });

  test('of how an exit and each of its symbols end', () => {
    const exits: All<ExitReport['state']> = { FLAT: true, INCOMPLETE: true, PLANNED: true };
    const symbols: All<ExitSymbolResult['state']> = {
      SOLD: true,
      FLAT: true,
      DUST: true,
      STAKED: true,
      DELISTED: true,
      WOULD_SELL: true,
      FAILED: true,
    };

    const told = firstCells(sectionOf(runbook, '## How an exit ends')).filter((name) => name !== 'state');

    expect(told).toEqual([...Object.keys(exits), ...Object.keys(symbols)]);
  });

  test('of what the vault refuses', () => {
    const codes: All<VaultError['code']> = {
      SECRET_MISSING: true,
      SECRET_MALFORMED: true,
      SECRET_OF_ANOTHER_ACCOUNT: true,
      KEY_OF_ANOTHER_ACCOUNT: true,
      KEY_CHANGED: true,
      VAULT_UNAVAILABLE: true,
      ACCESS_DENIED: true,
    };

    expect(firstCells(sectionOf(runbook, "## The vault's refusals"))).toEqual(Object.keys(codes));
  });

  test('of what a registration refuses', () => {
    const codes: All<RegistrationRefused['code']> = {
      KEY_CAN_WITHDRAW: true,
      KEY_CANNOT_QUERY: true,
      KEY_CANNOT_TRADE: true,
      KEY_IN_USE: true,
      ALREADY_REGISTERED: true,
      ROLE_MISMATCH: true,
    };

    expect(firstCells(sectionOf(runbook, "## A registration's refusals"))).toEqual(Object.keys(codes));
  });
});
