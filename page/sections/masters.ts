import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';
import { type Html, html } from '../markup/html.ts';
import { ago, duration } from '../parts/figures.ts';
import { mark } from '../parts/mark.ts';
import { nothing } from '../parts/section.ts';

type Master = ViewAnswerOf<'overview'>['masters'][number];

export const masterCards = (masters: readonly Master[], now: number): Html =>
  masters.length === 0
    ? nothing(
        'No master has published anything. Users need none: they read balances, are protected and can exit.',
      )
    : html`<ul class="cards two">${masters.map((master) => card(master, now))}</ul>`;

const card = (master: Master, now: number): Html => html`
<li class="card"><h3>${master.masterId}</h3>
<p>${master.healthy ? mark('good', 'Healthy') : html`${mark('bad', 'Not healthy')} ${master.reason}`}</p>
${master.healthy ? undefined : html`<p class="quiet">Its followers buy nothing; all else goes on.</p>`}
<dl class="facts">
${fact(
  'Last tick',
  master.lastTick === undefined
    ? html`none known`
    : html`${ago(master.lastTick.at, now)}, due every ${duration(master.lastTick.periodMs)}`,
)}
${master.since === undefined ? undefined : fact('Seen so since', ago(master.since, now))}
${fact('Strategy', html`${master.strategy ?? 'not known'}${master.mode === undefined ? '' : `, ${master.mode}`}`)}
${fact('Followers', html`${master.followers === undefined ? 'could not be counted' : String(master.followers)}`)}
</dl></li>`;

const fact = (name: string, value: Html): Html => html`<dt>${name}</dt><dd>${value}</dd>`;
