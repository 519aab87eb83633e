import { beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../infra/local/scenario/checks.ts';
import type { Evidence } from '../../infra/local/scenario/evidence.ts';
import { ACCOUNT_TAMPERINGS } from './account-tamperings.ts';
import { CHECK_TAMPERINGS } from './check-tamperings.ts';
import { MARKET_TAMPERINGS } from './market-tamperings.ts';
import { ORDER_TAMPERINGS } from './order-tamperings.ts';
import { shortRun } from './short-run.ts';

const TAMPERINGS = [...ACCOUNT_TAMPERINGS, ...ORDER_TAMPERINGS, ...MARKET_TAMPERINGS, ...CHECK_TAMPERINGS];

describe('the judgement of a run', () => {
  let evidence: Evidence;
  beforeAll(async () => {
    evidence = await shortRun(6);
  });

  it('finds that every guarantee held in a run that nobody tampered with', () => {
    expect(judge(evidence).filter(({ held }) => !held)).toEqual([]);
  });

  it('has a tampering for every guarantee it knows', () => {
    const judged = judge(evidence).map(({ name }) => name);
    expect([...new Set(TAMPERINGS.map(({ check }) => check))].sort()).toEqual(judged.sort());
  });

  it.each(TAMPERINGS)('says that $check did not hold where $what', ({ check, tamper, names }) => {
    // Prepare
    const tampered = tamper(evidence);

    // Act
    const verdict = judge(tampered).find(({ name }) => name === check);

    // Assess
    expect(verdict?.evidence).toMatch(names);
    expect(verdict?.held).toBe(false);
  });
});
