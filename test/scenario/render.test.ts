import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { basisPoints } from '../../infra/local/scenario/figures.ts';
import { renderReport } from '../../infra/local/scenario/render.ts';
import type { Report } from '../../infra/local/scenario/report.ts';
import { table } from '../../infra/local/scenario/table.ts';
import { wrap } from '../../infra/local/scenario/wrap.ts';

const account = (id: string, role: 'master' | 'user'): Report['accounts'][number] => ({
  id,
  role,
  part: 'ordinary, owns BTC of its own',
  exchange: 'kraken',
  status: role === 'master' ? 'unreachable' : 'standalone',
  statusReason: '',
  cash: '700.004',
  held: '100',
  equity: '1000.5',
  currency: 'USD',
  keyFingerprint: '0123456789abcdef',
  ...(role === 'master' ? { asOf: '2026-01-07T02:00:12.000Z' } : {}),
});

const copy = (trade: string, skipped: boolean): Report['copies'][number] => ({
  account: 'u-ann',
  trade,
  state: skipped ? 'SKIPPED' : 'FILLED',
  reason: skipped ? 'EXIT_ONLY' : null,
  detail: skipped ? 'set to exit-only' : null,
  quantity: skipped ? null : '0.11125112',
  price: skipped ? null : '61359.898',
  fees: skipped ? null : '1',
  latencyMs: skipped ? null : 1_234,
  fillLatencyMs: skipped ? null : 1_300,
  slippageBps: skipped ? null : '-0.04',
  madeGood: null,
});

const report = (trades: number): Report => ({
  ok: true,
  guarantees: { oneSlowAccountDelaysNoOther: true },
  evidence: { oneSlowAccountDelaysNoOther: 'word '.repeat(60).trim(), isolation: 'one key each '.repeat(20) },
  accounts: [account('m-apex', 'master'), account('u-ann', 'user'), account('u-ben', 'user')],
  trades: Array.from({ length: trades }, (_, index) => ({
    id: `t-${index}`,
    account: 'm-apex',
    symbol: 'BTC/USD',
    side: 'BUY',
    quantity: '0.06199532',
    price: '60650.823',
    at: `2026-01-06T20:${String(index).padStart(2, '0')}:00.000Z`,
  })),
  copies: Array.from({ length: trades }, (_, index) => copy(`t-${index}`, index % 2 === 1)),
  exits: [],
  checks: {
    rounds: 1,
    roundsInOutage: 1,
    checks: 2,
    medianMs: 200,
    maxMs: 300,
    hanging: { account: 'u-ann', ms: 300, endedMeanwhile: 1 },
    sales: [],
    drifts: [],
  },
  outage: {
    masterReachable: false,
    masterError: 'VaultError: m-apex has no secret',
    balancesRead: 2,
    balancesFailed: 0,
    standalone: 2,
  },
  timings: {
    seed: 1,
    candles: 600,
    bootMs: 1,
    registerMs: 1,
    tradingMs: 1,
    outageMs: 1,
    totalMs: 4,
    copyLatencyP50Ms: 1,
    copyLatencyP99Ms: 1,
  },
});

describe('the report for a person', () => {
  it('counts last known figures as not read, and shows what the coins of an account are worth', () => {
    const lines = renderReport(report(1), 100).split('\n');

    const master = lines.find((line) => line.startsWith('master total'));
    const users = lines.find((line) => line.startsWith('user totals'));

    expect(master).toContain('0 of 1 read, last known');
    expect(users).toMatch(/2 of 2 read +1400\.00 +200\.00 +401\.00 +2001\.00$/);
    expect(lines).toContain('m-apex cannot be read: its figures are the last known, of 01-07 02:00 UTC.');
  });

  it('shows the last fifteen trades and counts those before them', () => {
    const shown = renderReport(report(40), 100);

    expect(shown).toContain('… 25 more before these, all with --json');
    expect(shown).not.toContain('01-06 20:24');
    expect(shown.match(/01-06 20:\d\d/g)).toHaveLength(15);
  });

  it('says that the master was taken away on purpose', () => {
    expect(renderReport(report(1), 100)).toContain(
      'The master was taken away on purpose; its tick says: VaultError: m-apex has no secret',
    );
  });

  it.each([100, 140])('has no line longer than the %i columns of the terminal', (columns) => {
    const lines = renderReport(report(40), columns).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
  });
});

describe('basis points', () => {
  it.each([
    ['-0.04', '0.0 bp'],
    ['-0.05', '-0.1 bp'],
    [-0, '0.0 bp'],
    ['12.34', '12.3 bp'],
    [undefined, ''],
  ])('shows %s as "%s"', (value, shown) => {
    expect(basisPoints(value)).toBe(shown);
  });
});

describe('text in columns', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,20}$/), { minLength: 1, maxLength: 40 });

  it('is broken between words only, keeps each of them, and is never too wide', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 20, max: 120 }), (all, width) => {
        const lines = wrap(all.join(' '), width);
        expect(lines.join(' ')).toBe(all.join(' '));
        expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('goes on under the beginning of its own column', () => {
    const shown = table(['who', 'why'], [['u-ann', 'one two three four']], [], 20);
    expect(shown.split('\n')).toEqual(['who    why', 'u-ann  one two three', '       four']);
  });
});
