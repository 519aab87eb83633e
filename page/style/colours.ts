/** The colours of a scheme, by what they stand for. */
export interface Colours {
  readonly ground: string;
  readonly card: string;
  readonly ink: string;
  readonly quiet: string;
  readonly rule: string;
  readonly accent: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
  readonly warnGround: string;
  readonly badGround: string;
  /** On a button that sells. */
  readonly onBad: string;
  /** Of curves, in the order of their looks. */
  readonly curves: readonly [string, string, string, string, string, string, string, string];
}

export const LIGHT: Colours = {
  ground: '#f4f6f9',
  card: '#ffffff',
  ink: '#18202c',
  quiet: '#535e70',
  rule: '#d5dbe4',
  accent: '#0b5cad',
  good: '#17693a',
  warn: '#8a4a00',
  bad: '#b0221b',
  warnGround: '#fff4e3',
  badGround: '#fdecea',
  onBad: '#ffffff',
  curves: ['#0b5cad', '#b4470b', '#1f7a43', '#7b3fc4', '#b01a62', '#00737a', '#6f5d00', '#535e70'],
};

export const DARK: Colours = {
  ground: '#0e131a',
  card: '#161d27',
  ink: '#e7ebf2',
  quiet: '#a5b0c1',
  rule: '#2d3848',
  accent: '#7fbdf9',
  good: '#73d392',
  warn: '#f3b45c',
  bad: '#ff958b',
  warnGround: '#2b2112',
  badGround: '#311a19',
  onBad: '#1c0503',
  curves: ['#6cb4f5', '#f5a35c', '#6fd08c', '#c39bff', '#ff8fc0', '#4fd1d1', '#d9c84e', '#b5bac6'],
};

/** Dashes of the looks, in pixels: so that colour is not all that tells curves apart. */
export const DASHES = ['none', '8 4', '2 3', '10 3 2 3', '14 5', '5 2', '1 5', '12 3 2 3 2 3'] as const;

export const variables = (colours: Colours): string =>
  Object.entries(colours)
    .flatMap(([name, value]) =>
      typeof value === 'string'
        ? [`--${name}:${value};`]
        : value.map((curve: string, look: number) => `--curve-${look}:${curve};`),
    )
    .join('');
