/** How the market behaves for a while. Drift, noise and wicks are in usual candle widths. */
export interface Regime {
  readonly name: 'rise' | 'pullback' | 'turn' | 'idle' | 'slide' | 'selloff' | 'bounce';
  readonly drift: number;
  readonly noise: number;
  readonly upperWick: number;
  readonly lowerWick: number;
  /** Against a usual candle. */
  readonly volume: number;
  /** 0 calm, 1 wild. */
  readonly unrest: number;
}

const REGIMES = {
  rise: {
    name: 'rise',
    drift: 0.22,
    noise: 0.42,
    upperWick: 0.18,
    lowerWick: 0.22,
    volume: 1.3,
    unrest: 0.35,
  },
  pullback: {
    name: 'pullback',
    drift: -0.32,
    noise: 0.35,
    upperWick: 0.2,
    lowerWick: 0.3,
    volume: 0.8,
    unrest: 0.3,
  },
  turn: { name: 'turn', drift: 0.55, noise: 0.3, upperWick: 0.12, lowerWick: 0.4, volume: 1.7, unrest: 0.45 },
  idle: { name: 'idle', drift: 0, noise: 0.45, upperWick: 0.3, lowerWick: 0.3, volume: 0.7, unrest: 0.1 },
  slide: {
    name: 'slide',
    drift: -0.2,
    noise: 0.42,
    upperWick: 0.22,
    lowerWick: 0.18,
    volume: 1.1,
    unrest: 0.4,
  },
  selloff: {
    name: 'selloff',
    drift: -0.6,
    noise: 0.5,
    upperWick: 0.15,
    lowerWick: 0.3,
    volume: 2.4,
    unrest: 0.95,
  },
  bounce: {
    name: 'bounce',
    drift: 0.3,
    noise: 0.5,
    upperWick: 0.3,
    lowerWick: 0.2,
    volume: 1.2,
    unrest: 0.6,
  },
} as const satisfies Record<Regime['name'], Regime>;

interface Next {
  readonly to: Regime['name'];
  readonly weight: number;
  /** Candles, least and most. */
  readonly least: number;
  readonly most: number;
}

const next = (to: Regime['name'], weight: number, least: number, most: number): Next => ({
  to,
  weight,
  least,
  most,
});

/** What may follow: weights in percent. Rises and falls balance over a long time. */
const FOLLOWS: Readonly<Record<Regime['name'] | 'start', readonly Next[]>> = {
  start: [next('rise', 40, 15, 40), next('idle', 40, 20, 60), next('slide', 20, 15, 40)],
  rise: [
    next('pullback', 50, 5, 12),
    next('idle', 30, 25, 80),
    next('selloff', 10, 6, 16),
    next('slide', 10, 10, 30),
  ],
  pullback: [next('turn', 45, 2, 4), next('slide', 25, 10, 30), next('idle', 30, 25, 80)],
  turn: [next('rise', 65, 12, 36), next('idle', 22, 20, 60), next('selloff', 13, 5, 14)],
  idle: [
    next('rise', 30, 15, 40),
    next('slide', 32, 15, 40),
    next('idle', 28, 30, 90),
    next('selloff', 10, 5, 12),
  ],
  slide: [
    next('bounce', 30, 4, 10),
    next('idle', 50, 25, 80),
    next('rise', 14, 12, 30),
    next('selloff', 6, 5, 12),
  ],
  selloff: [next('bounce', 55, 5, 14), next('idle', 35, 20, 60), next('slide', 10, 10, 30)],
  bounce: [next('rise', 28, 12, 35), next('slide', 27, 12, 35), next('idle', 45, 25, 70)],
};

/** Draws what comes after `before`, and for how many candles. */
export const nextRegime = (
  before: Regime | undefined,
  chance: () => number,
): { readonly regime: Regime; readonly candles: number } => {
  const choices = FOLLOWS[before?.name ?? 'start'];
  let left = chance() * choices.reduce((sum, { weight }) => sum + weight, 0);
  const chosen = choices.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  const { to, least, most } = chosen ?? next('idle', 1, 10, 30);
  return { regime: REGIMES[to], candles: least + Math.floor(chance() * (most - least + 1)) };
};
