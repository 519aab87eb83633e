import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { showDashboard } from '../../functions/dashboard/dashboard.ts';
import { noBrowser, openBrowser } from './browser/chromium.ts';
import { CONTRASTS } from './browser/contrast.ts';
import { sampleData } from './sample.ts';
import { answersOf } from './sample-site.ts';

const EXIT = 'arn:aws:lambda:eu-central-1:111122223333:function:nija-test-exit';

const widget = async (theme: 'light' | 'dark'): Promise<string> => {
  const data = sampleData();
  const answers = answersOf(data);
  return await showDashboard(
    { widgetContext: { theme } },
    {
      source: { ask: async ({ query }) => answers.get(query), now: () => data.now, report: () => undefined },
      self: 'arn:aws:lambda:eu-central-1:111122223333:function:nija-test-dashboard',
      exit: EXIT,
    },
  );
};

const why = noBrowser();
describe.skipIf(why !== undefined)(
  `the widget in a browser${why === undefined ? '' : ` (skipped: ${why})`}`,
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await openBrowser();
    });
    afterAll(() => browser?.close());

    test.each([
      ['light', 'dark', 588],
      ['dark', 'light', 588],
      ['light', 'dark', 1_400],
    ] as const)('is %s on a %s system, in its %d px of the dashboard', async (theme, colorScheme, width) => {
      const context = await browser.newContext({ colorScheme, viewport: { width: 1_500, height: 900 } });
      const page = await context.newPage();
      await page.setContent(
        `<!doctype html><h2 class="around">Dashboard</h2><div id="place" style="width:${width}px">${await widget(theme)}</div>`,
      );

      const look = z.object({ ground: z.string(), inner: z.number(), around: z.string() }).parse(
        await page.evaluate(
          `({
            ground: getComputedStyle(document.querySelector('.nija')).backgroundColor,
            inner: document.querySelector('.nija').scrollWidth,
            around: getComputedStyle(document.querySelector('.around')).color,
          })`,
        ),
      );
      const contrasts = z
        .array(z.object({ text: z.string(), ratio: z.number() }))
        .parse(await page.evaluate(CONTRASTS));
      const buttons = await page.getByRole('button', { name: /asks first$/ }).count();
      const actions = await page.evaluate(
        "[...document.querySelectorAll('cwdb-action')].map((one) => [one.previousElementSibling.tagName, JSON.parse(one.textContent).accountId])",
      );
      await context.close();

      expect(look).toEqual({
        ground: theme === 'light' ? 'rgb(244, 246, 249)' : 'rgb(14, 19, 26)',
        inner: width,
        around: 'rgb(0, 0, 0)',
      });
      expect(contrasts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      expect(buttons).toBe(5);
      expect(actions).toEqual(['u-ann', 'u-ben', 'u-cho', 'u-dia', 'u-eli'].map((id) => ['BUTTON', id]));
    });
  },
);
