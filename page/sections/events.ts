import type { EventView } from '../../shared/reporting/contract/history-answer.ts';
import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type Html, html, type Part } from '../markup/html.ts';
import { moment } from '../parts/figures.ts';
import { mark, type Tone } from '../parts/mark.ts';
import { nothing } from '../parts/section.ts';
import { table } from '../parts/table.ts';

type Answer = ViewAnswerOf<'events'>;
type Kind = EventView['kind'];

/** What happened by itself, or at an owner's wish. */
export const PROTECTION: ReadonlySet<Kind> = new Set<Kind>([
  'protection',
  'exit',
  'drift',
  'adjustment',
  'key',
  'master',
]);
/** What somebody switched, and what stopped all buying. */
export const SWITCHES: ReadonlySet<Kind> = new Set<Kind>([
  'halt',
  'resume',
  'runaway',
  'switch',
  'settings',
  'registration',
]);

const TONES = { critical: 'bad', warning: 'warn', info: 'quiet' } as const satisfies Record<string, Tone>;

/** What could not be read stands where its events would: an account's audit trail has those of its switches. */
export const eventTable = (answer: Answer, kinds: ReadonlySet<Kind>, caption: string): Html => {
  const events = answer.events.filter(({ kind }) => kinds.has(kind));
  const cut = answer.cutKinds.filter((kind) => kinds.has(kind));
  const more = cut.length === 0 ? '' : `; there were more (${cut.join(', ')}), these are the newest`;
  const failing = answer.failing.filter(
    ({ accountId, part }) => (accountId !== undefined && part !== 'audit trail') === (kinds === PROTECTION),
  );
  return html`
${failing.map(
  ({ accountId, part, why }) =>
    html`<p>${mark('bad', 'Not readable')} ${part}${accountId === undefined ? '' : ` of ${accountId}`}: ${why}</p>`,
)}
${
  events.length === 0
    ? nothing(failing.length === 0 ? 'None in this time.' : 'None in what could be read.')
    : html`${list(events.slice(0, SHOWN), html`${caption}, since ${moment(answer.from)}${more}`)}${older(events.slice(SHOWN))}`
}${answer.page.next === undefined ? undefined : otherPages(answer)}`;
};

const otherPages = ({ page }: Answer): Html =>
  html`<p class="quiet">Of single accounts these are those of the ${page.covered} on this page; there are ${page.accounts}.</p>`;

/** So many are seen at once. */
const SHOWN = 12;

const older = (events: readonly EventView[]): Part =>
  events.length === 0
    ? undefined
    : html`<details><summary>${events.length} older</summary><div class="inside">${list(events, 'Older ones')}</div></details>`;

const list = (events: readonly EventView[], caption: Part): Html =>
  table({
    caption,
    columns: [
      { label: 'When' },
      { label: 'What' },
      { label: 'Whose' },
      { label: 'What happened', kind: 'wide' },
    ],
    rows: events.map(row),
  });

const row = (event: EventView): readonly Part[] => [
  moment(event.at),
  mark(TONES[event.severity], event.kind),
  html`${event.accountId ?? 'all'}${event.symbol === undefined ? '' : html`<br><span class="quiet small">${event.symbol}</span>`}`,
  html`${event.what}${
    event.by === undefined
      ? ''
      : html` <span class="quiet">By ${event.by}${event.why === undefined ? '' : `: ${event.why}`}.</span>`
  }${event.state === undefined ? '' : html` <span class="quiet">${event.state}</span>`}`,
];
