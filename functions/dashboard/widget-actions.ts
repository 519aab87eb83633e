import { type Html, html, ownMarkup } from '../../page/markup/html.ts';
import type { ExitControl } from '../../page/parts/exit-control.ts';

/** What a button of the widget calls, with the rights of who looks at the dashboard. */
interface Call {
  readonly functionArn: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly display: 'popup' | 'widget';
}

/** An exit with the viewer's own rights: who may not call `exit` is refused by AWS. */
export const exitAction =
  (functionArn: string): ExitControl =>
  (accountId) =>
    html`
<button class="button" type="button">Exit…<span class="unseen"> ${accountId}: asks first</span></button>${asking(
      {
        functionArn,
        event: { accountId, scope: 'managed' },
        display: 'popup',
      },
      `Sell all that Nija bought for ${accountId} now, at the market's price? It cancels the open orders of what it sells, and cannot be undone. Buying goes on with its master's next purchase, unless it is paused or halted.`,
    )}`;

/** Where a deployment does not say which function exits. */
export const noExit: ExitControl = () =>
  html`<span class="quiet small">press the test event of the function exit</span>`;

export const moreAction =
  (functionArn: string) =>
  (cursor: string): Html =>
    html`
<button class="button" type="button">The next accounts</button>${calling({ functionArn, event: { cursor }, display: 'widget' })}`;

/** Belongs to the element right before it. */
const calling = ({ functionArn, event, display }: Call): Html =>
  html`<cwdb-action action="call" display="${display}" endpoint="${functionArn}">${json(event)}</cwdb-action>`;

const asking = ({ functionArn, event, display }: Call, question: string): Html =>
  html`<cwdb-action action="call" display="${display}" endpoint="${functionArn}" confirmation="${question}">${json(event)}</cwdb-action>`;

/** JSON without a character that HTML has a meaning for, so that it is the same however CloudWatch reads it. */
const json = (event: Call['event']): Html =>
  ownMarkup(
    JSON.stringify(event).replace(
      /[<>&'\u007f-\uffff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  );
