import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { statementPage } from '../../../functions/statement/page/statement-page.ts';
import { noBrowser, openBrowser } from '../../page/browser/chromium.ts';
import { CONTRASTS } from '../../page/browser/contrast.ts';
import { sampleStatement } from './sample-statement.ts';

/** Where pictures are kept, for whoever wants to look. */
const PICTURES = process.env['NIJA_PAGE_PICTURES'];
const zContrasts = z.array(z.object({ text: z.string(), ratio: z.number() }));

const why = noBrowser();
describe.skipIf(why !== undefined)(
  `a statement in a browser${why === undefined ? '' : ` (skipped: ${why})`}`,
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await openBrowser();
    });
    afterAll(() => browser?.close());

    const looking = async <T>(
      width: number,
      colorScheme: 'light' | 'dark',
      look: (page: Page) => Promise<T>,
    ) => {
      const viewport = { width, height: 900 };
      const context = await browser.newContext({ colorScheme, viewport, javaScriptEnabled: true });
      try {
        const page = await context.newPage();
        await page.setContent(statementPage(sampleStatement()));
        return await look(page);
      } finally {
        await context.close();
      }
    };

    test.each([
      [360, 'light'],
      [768, 'dark'],
      [1280, 'light'],
    ] as const)('is read at %d px in %s: nothing is cut off, and all of it stands out', async (width, scheme) => {
      const { reaches, contrasts, headings } = await looking(width, scheme, async (page) => {
        if (PICTURES !== undefined) {
          await mkdir(PICTURES, { recursive: true });
          await page.screenshot({ path: join(PICTURES, `statement-${width}-${scheme}.png`), fullPage: true });
        }
        return {
          reaches: z.number().parse(await page.evaluate('document.documentElement.scrollWidth')),
          contrasts: zContrasts.parse(await page.evaluate(CONTRASTS)),
          headings: await page.getByRole('heading', { level: 2 }).allInnerTexts(),
        };
      });

      expect(reaches).toBeLessThanOrEqual(width);
      expect(contrasts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      expect(headings).toEqual([
        'What changed the equity',
        'Equity over the month',
        'Profit share',
        'Beside its master',
        'Positions at the end',
        'Deposits and withdrawals',
        'Trades',
        'Copies',
        'To read it right',
      ]);
    });

    test('is on paper in dark ink on white, also for who reads screens in the dark', async () => {
      const { ground, ink } = await looking(800, 'dark', async (page) => {
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        if (PICTURES !== undefined)
          await page.screenshot({ path: join(PICTURES, 'statement-print.png'), fullPage: true });
        const read = 'getComputedStyle(document.querySelector(".nija"))';
        return {
          ground: z.string().parse(await page.evaluate(`${read}.backgroundColor`)),
          ink: z.string().parse(await page.evaluate(`${read}.color`)),
        };
      });

      expect(ground).toBe('rgb(255, 255, 255)');
      expect(ink).toBe('rgb(24, 32, 44)');
    });
  },
);
