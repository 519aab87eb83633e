import { MoneyError, type QuoteAmount, quote } from '../../shared/money/money.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { type Html, html } from '../markup/html.ts';

/** How figures are written for people. What is exact stays with them, as `value` or `datetime`. */

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** `−1,234.50`: exact decimals, grouped, to so many places. A true minus sign, which readers say as such. */
const decimal = (text: string, places: number): string => {
  const amount = sized(text);
  if (amount === undefined) return text;
  const [whole = '', rest] = amount.toFixed(places).split('.');
  const sign = whole.startsWith('-') && /[1-9]/.test(`${whole}${rest ?? ''}`) ? '−' : '';
  return `${sign}${grouped(whole.replace('-', ''))}${rest === undefined ? '' : `.${rest}`}`;
};

/** Undefined where it is of no size that money has: then it is shown as it is written, and the page goes on. */
const sized = (text: string): QuoteAmount | undefined => {
  try {
    return quote(text);
  } catch (error) {
    if (error instanceof MoneyError) return undefined;
    throw error;
  }
};

/** Quote units: two decimals are shown, all of them kept. */
export const money = (text: string): Html => html`<data value="${text}">${decimal(text, 2)}</data>`;

/** The same with its sign always shown, for differences. */
export const difference = (text: string): Html => {
  const shown = decimal(text, 2);
  const sign = shown.startsWith('−') || !/[1-9]/.test(shown) ? '' : '+';
  return html`<data value="${text}">${sign}${shown}</data>`;
};

/** Of what is smaller than 1: eight, and more where four significant digits take them. */
const placesBelowOne = (size: string): number => {
  const [, zeros] = /^0\.(0*)[1-9]/.exec(size) ?? [];
  return Math.max(8, (zeros?.length ?? 0) + 4);
};

/** A price, in as many decimals as its size asks for. */
export const price = (text: string): Html => {
  const size = sized(text)?.abs();
  const places = size === undefined || size.gte(1_000) ? 2 : size.gte(1) ? 4 : placesBelowOne(size.toFixed());
  return html`<data value="${text}">${trimmed(decimal(text, places), 2)}</data>`;
};

/** A quantity is shown whole: it is what is sold. */
export const quantity = (text: string): Html => {
  const [, rest = ''] = text.split('.');
  return html`<data value="${text}">${trimmed(decimal(text, Math.max(rest.length, 1)), 0)}</data>`;
};

const trimmed = (shown: string, least: number): string => {
  const [whole = '', rest = ''] = shown.split('.');
  const kept = rest.slice(0, least) + rest.slice(least).replace(/0+$/, '');
  return kept === '' ? whole : `${whole}.${kept}`;
};

/** `0.05` → `5 %` */
export const percent = (fraction: string): string => {
  const share = sized(fraction);
  return share === undefined ? fraction : `${trimmed(decimal(share.times(100).toFixed(), 2), 0)} %`;
};

/** Of an index that began at 1: `1.0525` → `+5.25 %` */
export const growth = (index: string): string => {
  const level = sized(index);
  if (level === undefined) return index;
  const shown = percent(level.minus(1).toFixed());
  return level.gt(1) && /[1-9]/.test(shown) ? `+${shown}` : shown;
};

/** Basis points against the master's price; positive is worse. */
export const basisPoints = (text: string): Html => {
  const shown = decimal(text, 1);
  const sign = shown.startsWith('−') || !/[1-9]/.test(shown) ? '' : '+';
  return html`<data value="${text}">${sign}${shown} bp</data>`;
};

/** `312 ms`, `4.2 s`, `3 min` */
export const duration = (ms: number): string => {
  if (ms < SECOND) return `${Math.round(ms)}\u{a0}ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)}\u{a0}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}\u{a0}min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)}\u{a0}h`;
  return `${Math.floor(ms / DAY)}\u{a0}days`;
};

/** `2026-11-21 10:09 UTC` */
export const moment = (at: number): Html => {
  const iso = isoOf(at);
  return iso === undefined
    ? html`<span>at a time that is none</span>`
    : html`<time datetime="${iso}"><span class="date">${iso.slice(0, 10)}</span> ${iso.slice(11, 16)}&nbsp;UTC</time>`;
};

/** `3 min ago`, with the moment itself where it is pointed at; a moment ahead of the clock says so. */
export const ago = (at: number, now: number): Html => {
  const iso = isoOf(at);
  if (iso === undefined) return moment(at);
  const apart = Math.abs(now - at);
  const rough = duration(apart < MINUTE ? Math.floor(apart / SECOND) * SECOND : apart).replace('.0', '');
  const said = apart < SECOND ? 'just now' : at > now ? `in ${rough}` : `${rough} ago`;
  return html`<time datetime="${iso}" title="${iso.slice(0, 19).replace('T', ' ')} UTC">${said}</time>`;
};

/** For the axis of a plot: the time of day within two days, else the date. */
export const axisMoment = (at: number, span: number): string => {
  const iso = isoOf(at) ?? '';
  return span < 2 * DAY ? `${iso.slice(5, 10)} ${iso.slice(11, 16)}` : iso.slice(0, 10);
};

/** A coordinate beside an axis, short: `12.5k`. */
export const axisFigure = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 1e6) return `${round(value / 1e6)}M`;
  if (size >= 1e4) return `${round(value / 1e3)}k`;
  return String(round(value));
};

const round = (value: number): number => Number(value.toFixed(3));

const isoOf = (at: number): string | undefined => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
};
