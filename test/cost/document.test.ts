import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CallsError, readCalls, workOf } from '../../infra/cost/calls.ts';
import {
  COST_DOCUMENT,
  DocumentError,
  documentedTable,
  withProse,
  withTable,
  writtenByHand,
} from '../../infra/cost/document.ts';
import { PRICES } from '../../infra/cost/prices.ts';
import { PROSE_NAMES, proseOf } from '../../infra/cost/prose.ts';

const document = readFileSync(COST_DOCUMENT, 'utf8');
const table = () => documentedTable(readCalls(), PRICES);
const MAIN = join(import.meta.dirname, '../../infra/cost/main.ts');
const cost = async (...options: readonly string[]) =>
  await promisify(execFile)(process.execPath, [MAIN, ...options]);

describe('docs/costs.md', () => {
  it('shows the table that npm run cost prints (refresh it with npm run cost -- --write)', () => {
    expect(withTable(document, table())).toBe(document);
  });

  it('says in its sentences what was measured last (refresh them with npm run cost -- --write)', () => {
    expect(withProse(document, proseOf(readCalls(), PRICES))).toBe(document);
  });

  it('would say another figure where a call costs another', () => {
    const calls = readCalls();
    const { check } = calls.units;
    const first = workOf(calls, 'check', 'first');
    const dearer = { ...check, first: { ...first, writeUnits: first.writeUnits + 5 } };

    const prose = proseOf({ ...calls, units: { ...calls.units, check: dearer } }, PRICES);

    const usual = proseOf(calls, PRICES);
    expect(prose.checks).not.toBe(usual.checks);
    expect(prose.rest).not.toBe(usual.rest);
    expect(prose.polls).toBe(usual.polls);
  });

  it.each(PROSE_NAMES)('is refused without a place for the sentence on %s', (name) => {
    const without = document.replace(`<!-- cost: ${name} -->`, '');

    expect(() => withProse(without, proseOf(readCalls(), PRICES))).toThrow(`<!-- cost: ${name} -->`);
  });

  it('has no sum, share or unit of what was measured that was written by hand', () => {
    const [, dominating = ''] = writtenByHand(document).split('## What dominates');

    expect(dominating.match(/\d[\d,.]* (USD|%|cents|write|read)/g)).toBeNull();
  });

  it('would show another table', () => {
    expect(withTable(document, 'another')).not.toBe(document);
  });

  it('shows what a longer interval between checks would save', () => {
    expect(document).toMatch(
      /by the interval of checks: 15 minutes [\d,.]+, 30 minutes [\d,.]+ \([\d,.]+ less\), 60 minutes [\d,.]+ \(/,
    );
  });

  it.each([
    '',
    'no place for it',
    document + document,
  ])('is refused without one place for the table', (text) => {
    expect(() => withTable(text, 'table')).toThrow(DocumentError);
  });
});

describe('npm run cost', () => {
  it('prints the assumptions, then the table', async () => {
    const { stdout } = await cost();

    expect(stdout).toContain('trades-per-day');
    expect(stdout.endsWith(`${table()}\n`)).toBe(true);
    expect(stdout.indexOf('Assumptions')).toBeLessThan(stdout.indexOf('USD a month'));
  });

  it('computes other columns and assumptions', async () => {
    const { stdout } = await cost('--users', '25', '--check-minutes', '60');

    expect(stdout).toMatch(/USD a month +25 users/);
    expect(stdout).toMatch(/check-minutes +60 /);
  });

  it.each([
    [['--users', '0'], "(given '0')"],
    [['--trades-per-day', 'many'], "(given 'many')"],
    [['--nonsense'], '--nonsense'],
    [['--write', '--users', '5'], '--write is for the defaults'],
  ])('refuses %j in one sentence', async (options, said) => {
    await expect(cost(...options)).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(said),
    });
  });
});

describe('the file of measured calls', () => {
  it('says how to make it again where it cannot be read', () => {
    expect(() => readCalls('/nowhere/calls.json')).toThrow(CallsError);
    expect(() => readCalls('/nowhere/calls.json')).toThrow('npm run cost -- --measure');
  });
});
