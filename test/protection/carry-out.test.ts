import { afterAll, beforeAll, expect, it } from 'vitest';
import { quantity, quote } from '../../shared/money/money.ts';
import { giveUpPart } from '../../shared/protection/carry-out.ts';
import { exitIdOf, type ProtectiveExit } from '../../shared/protection/protective-exit.ts';
import { NOON } from '../copying/made.ts';
import { BTC, check, only, position, seen } from './made-protection.ts';
import { openProtectedLab, type ProtectedLab } from './protected-lab.ts';

let lab: ProtectedLab;
beforeAll(async () => {
  lab = await openProtectedLab();
});
afterAll(() => lab.stop());

const settings = only({ takeProfit: [{ at: '0.05', sell: '0.5' }] });

/** The exit of half a coin, given up after it had sold this much, and what a check decides then. */
const afterGivingUp = async (accountId: string, sold: string) => {
  const whole = position({ accountId });
  const { watch } = check(undefined, seen('53000', { position: whole }), settings);
  if (watch === undefined) throw new Error('nothing is watched');
  const exit: ProtectiveExit = {
    accountId,
    symbol: BTC,
    since: watch.since,
    rule: 'take-profit',
    level: '0.05',
    most: quantity('0.5'),
    because: 'the bid reached it',
    numbers: {},
    decidedAt: NOON,
    state: 'RUNNING',
    result: {
      symbol: BTC,
      state: 'FAILED',
      quantity: quantity(sold),
      proceeds: quote('0'),
      fees: quote('0'),
      left: quantity('0'),
      detail: 'refused',
      rounds: 1,
    },
    version: 1,
  };
  const levels = watch.levels.map((level) => ({ ...level, fired: true }));
  const begun = { ...watch, levels, running: exitIdOf(exit), version: 1 };
  await lab.ledger.protections.save(begun, exit);

  await giveUpPart({ watch: begun, exit }, lab);

  const [stored] = await lab.ledger.protections.watches(accountId);
  const left = position({ accountId, quantity: whole.quantity.minus(sold) as typeof whole.quantity });
  return { stored, ...check(stored, seen('53000', { position: left }), settings) };
};

it('sells the rest of a level whose exit was given up after a part of it, under another id', async () => {
  const { stored, decision } = await afterGivingUp('u-part', '0.2');

  expect(stored).toMatchObject({ since: NOON + 1, levels: [{ at: '0.05', fired: false }] });
  expect(decision).toMatchObject({ rule: 'take-profit', numbers: { alreadySold: '0.2' } });
  expect(decision.action === 'SELL' && decision.most?.toFixed()).toBe('0.3');
});

it('does not sell a level again whose exit was given up after all of it', async () => {
  const { decision } = await afterGivingUp('u-all', '0.5');

  expect(decision).toEqual({ action: 'HOLD', reason: 'NO_RULE_FIRES' });
});
