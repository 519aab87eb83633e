import type { MetricName } from '../../shared/telemetry/telemetry.ts';
import { type Instant, SECOND } from '../../shared/time/clock.ts';
import type { StoredItem } from '../aws/dynamodb/value.ts';
import { copyOf, isMadeGood } from './evidence/copies.ts';
import type { Evidence } from './evidence/evidence.ts';
import { type Broken, guarantee } from './guarantee.ts';

/** Any of these, of that account, and of that trade where one is named. */
interface Figure {
  readonly names: readonly MetricName[];
  readonly account: string;
  readonly trade?: string;
  readonly since?: Instant;
}

/** Two clocks may be off by two seconds each. */
const CLOCKS_MS = 4 * SECOND;

/** The figures that alarms are made of, as functions told them. */
class Figures {
  readonly #told = new Map<string, { last: Instant; count: number }>();

  constructor(evidence: Evidence) {
    evidence.onLine(({ at, level, message, fields: { account, trade } }) => {
      if (level !== 'metric' || typeof account !== 'string') return;
      for (const key of [
        `${message} ${account}`,
        ...(trade === undefined ? [] : [`${message} ${account} ${trade}`]),
      ])
        this.#told.set(key, { last: Date.parse(at), count: (this.#told.get(key)?.count ?? 0) + 1 });
    });
  }

  has(figure: Figure): boolean {
    const since = figure.since ?? Number.NEGATIVE_INFINITY;
    return keysOf(figure).some((key) => {
      const told = this.#told.get(key);
      return told !== undefined && told.last >= since;
    });
  }

  /** How often it was told so far: what comes later is more. */
  count(figure: Figure): number {
    return keysOf(figure).reduce((sum, key) => sum + (this.#told.get(key)?.count ?? 0), 0);
  }
}

const keysOf = ({ names, account, trade }: Figure): readonly string[] =>
  names.map((name) => [name, account, ...(trade === undefined ? [] : [trade])].join(' '));

const said = ({ names, account, trade }: Figure): string =>
  `nobody told ${names.join(' or ')} of ${account}${trade === undefined ? '' : ` for ${trade}`}`;

/** What a copy that has just become so must be told with. */
const toldWith = (before: StoredItem | undefined, after: StoredItem): readonly Figure[] => {
  const { accountId: account, trade, outcome, owed } = copyOf(after);
  const of = { account, trade: trade.tradeId };
  const hasFailed = before?.['outcome'] === undefined && outcome?.state === 'FAILED';
  const isOwed = before?.['owed'] === undefined && owed !== undefined;
  // Whose write went through while its answer was lost knows of no end, and says that the copy is open.
  return [
    ...(hasFailed ? [{ ...of, names: ['CopyFailed', 'CopyUnfinished'] } as const] : []),
    ...(isOwed ? [{ ...of, names: ['SaleOwed', 'SaleStillOwed', 'CopyUnfinished'] } as const] : []),
  ];
};

/** Whoever ends a copy without what it was for has told it when it answers; who dies before has told nothing. */
const watchCopies = (evidence: Evidence, figures: Figures, broken: Broken): void => {
  const due = new Map<string, { readonly figure: Figure; readonly before: number }[]>();
  evidence.onChange(({ pk, sk, before, after }) => {
    if (!sk.startsWith('COPY#') || after === undefined) return;
    const process = evidence.invocations.writerOf(pk, sk)?.process;
    if (process === undefined) return;
    for (const figure of toldWith(before, after))
      due.set(process, [...(due.get(process) ?? []), { figure, before: figures.count(figure) }]);
  });
  evidence.onSeen((seen) => {
    if (seen.kind === 'invocation') due.delete(seen.process);
    if (seen.kind !== 'answer') return;
    evidence.catchUp();
    for (const { figure, before } of due.get(seen.process) ?? [])
      if (figures.count(figure) <= before)
        broken(`${seen.process} has given something up and answers: ${said(figure)}`);
    due.delete(seen.process);
  });
};

/** What is open still, with the figure that it must have been told with by now. */
const openOf = (item: StoredItem): { readonly what: string; readonly figure: Figure } | undefined => {
  const account = String(item['accountId']);
  switch (item['kind']) {
    case 'COPY': {
      const copy = copyOf(item);
      if (copy.owed === undefined || isMadeGood(copy)) return undefined;
      const figure = { names: ['SaleOwed', 'SaleStillOwed'], account, trade: copy.trade.tradeId } as const;
      return { what: `a sale of ${copy.trade.symbol} is owed`, figure };
    }
    case 'EXIT': {
      if (item['state'] === 'FLAT') return undefined;
      const since = Number(item['requestedAt']) - CLOCKS_MS;
      return {
        what: `exit ${String(item['requestId'])} goes on`,
        figure: { names: ['ExitFailed'], account, since },
      };
    }
    case 'DRIFT':
      return item['closedAt'] === undefined
        ? { what: `a drift of ${String(item['asset'])} is open`, figure: { names: ['DriftFound'], account } }
        : undefined;
    default:
      return undefined;
  }
};

/** Whatever is given up, or waits for somebody, is told with the figures that alarms are made of. */
export const givenUpIsTold = guarantee('liveness: what is given up is told', (evidence, broken) => {
  const figures = new Figures(evidence);
  watchCopies(evidence, figures, broken);
  return () => {
    for (const item of evidence.items()) {
      const open = openOf(item);
      if (open !== undefined && !figures.has(open.figure)) return `${open.what}, and ${said(open.figure)}`;
    }
    return undefined;
  };
});
