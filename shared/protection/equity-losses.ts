import { whyIncomplete } from '../account/equity.ts';
import type { CheckFacts } from '../check/check-facts.ts';
import { ONE, text } from '../money/money.ts';
import { iso } from '../time/clock.ts';
import type { Protection } from './protection-settings.ts';
import { equityGuard, type RiskState } from './risk.ts';

/** Why all managed positions are to be sold, as far as the account's equity goes. */
export interface EquityLoss {
  readonly rule: 'max-drawdown' | 'daily-loss';
  readonly because: string;
  readonly numbers: Readonly<Record<string, string>>;
}

/** NOT_JUDGED: what the equity stands for is not certain now, so nothing is concluded from it. */
export type EquityVerdict =
  | { readonly state: 'JUDGED'; readonly losses: readonly EquityLoss[] }
  | { readonly state: 'NOT_JUDGED'; readonly why: string };

type Facts = Pick<CheckFacts, 'at' | 'valuation'> & {
  readonly account: Pick<CheckFacts['account'], 'limits'>;
};

/** Whether the owner wants positions sold for a loss of equity at all. */
export const asksForEquity = ({ enabled, onMaxDrawdown, onDailyLoss }: Protection): boolean =>
  enabled && (onMaxDrawdown === 'exit' || onDailyLoss === 'exit');

/**
 * Which loss limits the equity has passed and are to be answered by an exit. Only a snapshot of this very moment
 * tells a loss from a withdrawal; without it nobody sells because money was taken out.
 */
export const judgeEquity = (
  { account: { limits }, valuation, at }: Facts,
  risk: RiskState | undefined,
  { onMaxDrawdown, onDailyLoss }: Pick<Protection, 'onMaxDrawdown' | 'onDailyLoss'>,
): EquityVerdict => {
  if (!valuation.complete) {
    return { state: 'NOT_JUDGED', why: `${whyIncomplete(valuation)}, so the equity is not known` };
  }
  const { equity } = valuation;
  if (risk?.measured === undefined || risk.measured.at < at) {
    const last = risk?.measured === undefined ? 'there is none' : `the last is of ${iso(risk.measured.at)}`;
    return {
      state: 'NOT_JUDGED',
      why: `no snapshot of this check tells a loss from a withdrawal (${last})`,
    };
  }
  const drawdown = equityGuard(equity, risk, { maxDrawdown: limits.maxDrawdown, maxDailyLoss: ONE });
  const daily = equityGuard(equity, risk, { maxDrawdown: ONE, maxDailyLoss: limits.maxDailyLoss });
  return {
    state: 'JUDGED',
    losses: [
      ...(onMaxDrawdown === 'exit' && drawdown !== undefined
        ? [
            {
              rule: 'max-drawdown' as const,
              because: drawdown.detail,
              numbers: {
                equity: text(equity),
                peakEquity: text(risk.peakEquity),
                limit: text(limits.maxDrawdown),
              },
            },
          ]
        : []),
      ...(onDailyLoss === 'exit' && daily !== undefined
        ? [
            {
              rule: 'daily-loss' as const,
              because: daily.detail,
              numbers: {
                equity: text(equity),
                dayOpenEquity: text(risk.dayOpenEquity),
                limit: text(limits.maxDailyLoss),
              },
            },
          ]
        : []),
    ],
  };
};
