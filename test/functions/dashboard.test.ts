import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHandler } from '../../functions/dashboard/handler.ts';
import { createHandler as exitHandler } from '../../functions/exit/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { heldAtExchange } from './books.ts';
import { type Lab, openLab } from './lab.ts';

const EXIT = 'arn:aws:lambda:eu-central-1:111122223333:function:nija-test-exit';
/** As a dashboard sends it, beside whatever was asked. */
const CONTEXT = {
  dashboardName: 'nija-test-overview',
  widgetId: 'widget-1',
  accountId: '111122223333',
  locale: 'en',
  theme: 'dark',
  width: 588,
  height: 369,
  forms: { all: {} },
  params: {},
};

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  await lab.openAccount('user', { accountId: 'u-ann', balances: { USD: '100' } });
  await lab.givePosition('u-ann', BTC, '0.02');
  await lab.ledger.control.setHalt({
    engaged: true,
    by: 'mia',
    why: '</style><script>alert(1)</script>',
    at: lab.clock.now(),
  });
});
afterAll(() => lab.stop());

const show = async (
  event: unknown,
  variables: Readonly<Record<string, string>> = { NIJA_EXIT_FUNCTION: EXIT },
) => {
  const handler = createHandler({ ...lab.host, env: { ...lab.env, ...variables } });
  return String(await invoke({ name: 'dashboard', handler, timeoutMs: 30_000 }, event));
};

/** What the button of an account calls, as the console reads it. */
const actionOf = (widget: string, accountId: string) => {
  const actions = [...widget.matchAll(/<cwdb-action ([^>]*)>([^<]*)<\/cwdb-action>/g)];
  return actions
    .map(([, attributes = '', event = '']) => ({ attributes, event: JSON.parse(event) }))
    .find(({ event }) => event.accountId === accountId);
};

describe('the widget', () => {
  test('shows the page as a part of the dashboard: no document, no script, no links that lead away', async () => {
    const widget = await show({ widgetContext: CONTEXT });

    expect(widget).toContain('u-ann');
    expect(widget).toContain('All buying is halted');
    expect(widget).not.toMatch(/<html|<head>|<script|<iframe|<use|<link|\shref=|\son[a-z]+=/i);
  });

  test('takes the theme of the dashboard, and its reader’s own where it names none', async () => {
    const [dark, light, none] = [
      await show({ widgetContext: CONTEXT }),
      await show({ widgetContext: { ...CONTEXT, theme: 'light' } }),
      await show({}),
    ];

    expect([dark, light, none].map((widget) => /class="nija theme-(\w+)"/.exec(widget)?.[1])).toEqual([
      'dark',
      'light',
      'auto',
    ]);
  });

  test('answers its documentation where the console asks for that', async () => {
    const described = await show({ describe: true });

    expect(described).toMatch(/^## Nija/);
  });

  test('escapes what somebody has written, also where it would end the style sheet', async () => {
    const widget = await show({ widgetContext: CONTEXT });

    expect(widget).toContain('&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(widget.match(/<\/style>/g)).toHaveLength(1);
  });

  test('offers an exit that asks first and calls the function exit itself', async () => {
    const action = actionOf(await show({ widgetContext: CONTEXT }), 'u-ann');

    expect(action?.event).toEqual({ accountId: 'u-ann', scope: 'managed' });
    expect(action?.attributes).toContain(`action="call" display="popup" endpoint="${EXIT}"`);
    expect(action?.attributes).toMatch(/confirmation="Sell all that Nija bought for u-ann now/);
  });

  test('offers none where the deployment names no such function', async () => {
    const widget = await show({ widgetContext: CONTEXT }, {});

    expect(widget).not.toContain('<cwdb-action');
    expect(widget).toContain('press the test event of the function exit');
  });

  test('refuses an event that is none', async () => {
    await expect(show({ cursor: 7 })).rejects.toThrow('the event is not valid');
  });

  test('stays a page where the ledger cannot be read, and says so', async () => {
    const widget = await show({ widgetContext: CONTEXT }, { NIJA_TABLE: 'no-such-table' });

    expect(widget).toContain('This part could not be read');
    expect(widget).not.toContain('no-such-table');
  });
});

describe('its button', () => {
  test('sells through exit although a dashboard adds its own context to the event', async () => {
    const action = actionOf(await show({ widgetContext: CONTEXT }), 'u-ann');

    const report = await invoke(
      { name: 'exit', handler: exitHandler(lab.host), timeoutMs: 60_000 },
      { ...action?.event, widgetContext: CONTEXT },
    );

    expect(report).toMatchObject({ accountId: 'u-ann', state: 'FLAT' });
    expect(Number(heldAtExchange(lab, 'u-ann', BTC))).toBe(0);
  });

  test('does not make exit take other fields that it does not know', async () => {
    const call = invoke(
      { name: 'exit', handler: exitHandler(lab.host), timeoutMs: 60_000 },
      { accountId: 'u-ann', dryrun: true },
    );

    await expect(call).rejects.toThrow('the event is not valid');
  });
});
