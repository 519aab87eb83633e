import { type Html, html, type Part } from '../markup/html.ts';

/** `figure`: numbers, to the right. `wide`: sentences, which may break. */
export type Column = { readonly label: string; readonly kind?: 'figure' | 'wide' };

export interface Table {
  readonly caption: Part;
  readonly columns: readonly Column[];
  /** Of each row one cell for each column; the first names the row. */
  readonly rows: readonly (readonly Part[])[];
  /** Few and short columns: it fits a phone as it is. */
  readonly narrow?: true;
}

/**
 * A table that becomes one card for each row where there is little room. Roles are written out, because some browsers
 * take them from a table that is laid out as something else.
 */
export const table = ({ caption, columns, rows, narrow }: Table): Html => html`
<div class="${narrow === true ? 'scroll' : 'rows'}"><table role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(
  ({ label, kind }) => html`<th scope="col" role="columnheader" class="${kind ?? ''}">${label}</th>`,
)}</tr></thead>
<tbody role="rowgroup">${rows.map((cells) => row(columns, cells))}</tbody>
</table></div>`;

const row = (columns: readonly Column[], cells: readonly Part[]): Html => html`
<tr role="row">${columns.map(({ label, kind }, index) => {
  const cell = html`<span>${cells[index]}</span>`;
  return index === 0
    ? html`<th scope="row" role="rowheader" data-label="${label}">${cell}</th>`
    : html`<td role="cell" data-label="${label}" class="${kind ?? ''}">${cell}</td>`;
})}</tr>`;
