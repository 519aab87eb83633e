import type { ViewAnswerOf } from '../../shared/reporting/view-contract.ts';

/** A part of the page: what was answered, or why it cannot be shown. Never something empty in place of an error. */
export type Read<Answer> =
  | { readonly readable: true; readonly answer: Answer }
  | { readonly readable: false; readonly why: string };

/** Each part is read by itself: one that fails takes no other with it. */
export interface PageData {
  /** Moments are shown as seen from here: when the overview was read, else when the page was asked for. */
  readonly now: number;
  readonly overview: Read<ViewAnswerOf<'overview'>>;
  readonly equity: Read<ViewAnswerOf<'equity'>>;
  readonly positions: Read<ViewAnswerOf<'positions'>>;
  readonly trades: Read<ViewAnswerOf<'trades'>>;
  readonly distribution: Read<ViewAnswerOf<'distribution'>>;
  readonly events: Read<ViewAnswerOf<'events'>>;
}
