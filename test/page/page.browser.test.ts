import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { PageServer } from '../../page/server/page-server.ts';
import { heldAtExchange } from '../functions/books.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { noBrowser, openBrowser } from './browser/chromium.ts';
import { CONTRASTS } from './browser/contrast.ts';
import { hostile, hostileData } from './hostile.ts';
import { openPageWorld, type PageWorld } from './page-world.ts';
import { sampleData } from './sample.ts';
import { openSampleSite } from './sample-site.ts';

const WIDTHS = [360, 768, 1280] as const;
const SCHEMES = ['light', 'dark'] as const;
/** Where pictures of the page are kept, for whoever wants to look. */
const PICTURES = process.env['NIJA_PAGE_PICTURES'];

const why = noBrowser();
describe.skipIf(why !== undefined)(
  `the page in a browser${why === undefined ? '' : ` (skipped: ${why})`}`,
  () => {
    let browser: Browser;
    let sample: PageServer;
    let evil: PageServer;
    let world: PageWorld;
    beforeAll(async () => {
      browser = await openBrowser();
      sample = await openSampleSite(sampleData());
      evil = await openSampleSite(hostileData());
      world = await openPageWorld();
    });
    afterAll(async () => {
      await browser?.close();
      await sample?.stop();
      await evil?.stop();
      await world?.stop();
    });

    /** A page of its own, closed afterwards. */
    const looking = async <T>(
      url: string,
      options: BrowserContextOptions,
      look: (page: Page) => Promise<T>,
    ): Promise<T> => {
      const context = await browser.newContext(options);
      try {
        const page = await context.newPage();
        await page.goto(url);
        return await look(page);
      } finally {
        await context.close();
      }
    };
    const withoutScript = { javaScriptEnabled: false } as const;

    test('is read without any script: all its parts, and the copies of a trade by opening it', async () => {
      const { headings, before, after } = await looking(sample.url, withoutScript, async (page) => {
        const trade = page.locator('details').first();
        const seen = async () => await trade.getByText('the account is exit-only').isVisible();
        const closed = await seen();
        await trade.locator('summary').click();
        return {
          headings: await page.getByRole('heading', { level: 2 }).allInnerTexts(),
          before: closed,
          after: await seen(),
        };
      });

      expect(headings).toEqual([
        'What needs attention',
        'Masters',
        'Accounts',
        'Equity',
        'Positions',
        'Latest trades',
        'Latency and slippage',
        'Protection and exits',
        'Halts and switches',
      ]);
      expect([before, after]).toEqual([false, true]);
    });

    test('names its parts for who hears it: landmarks, tables with captions, plots with what they show', async () => {
      const heard = await looking(sample.url, {}, async (page) => ({
        main: await page.getByRole('main').count(),
        title: await page.getByRole('heading', { level: 1 }).innerText(),
        sections: await page.getByRole('region').count(),
        nav: await page.getByRole('navigation', { name: 'Sections' }).getByRole('link').count(),
        row: await page
          .getByRole('row')
          .filter({ has: page.getByRole('rowheader', { name: /^u-ann/ }) })
          .first()
          .getByRole('cell')
          .allInnerTexts(),
        plots: await page.getByRole('img').count(),
        unnamed: await page.getByRole('img', { name: '', exact: true }).count(),
        exits: await page.getByRole('button', { name: 'Exit… u-ann: asks first' }).count(),
        language: await page.locator('html').getAttribute('lang'),
      }));

      expect(heard).toMatchObject({
        main: 1,
        title: 'Nija sample',
        nav: 8,
        exits: 1,
        language: 'en',
        unnamed: 0,
      });
      expect(heard.sections).toBe(9);
      expect(heard.plots).toBe(7);
      expect(heard.row.join(' | ')).toContain('following');
      expect(heard.row.join(' | ')).toContain('12,876.23');
    });

    test('says its tables’ columns and rows also where they are laid out as cards', async () => {
      const roles = await looking(sample.url, { viewport: { width: 360, height: 800 } }, async (page) => {
        const table = page.getByRole('table', { name: /Cash is free/ });
        return {
          rows: await table.getByRole('row').count(),
          headers: await table.getByRole('rowheader').count(),
          cells: await table.getByRole('cell').count(),
        };
      });

      expect(roles).toEqual({ rows: 7, headers: 6, cells: 42 });
    });

    test('is walked through by keyboard: past the navigation, with what is focused seen', async () => {
      const { first, outline, opened } = await looking(sample.url, {}, async (page) => {
        await page.keyboard.press('Tab');
        const focused = page.locator(':focus');
        const told = await focused.innerText();
        await page.locator('summary').first().focus();
        await page.keyboard.press('Shift+Tab');
        await page.keyboard.press('Tab');
        const style = z
          .object({ width: z.string(), style: z.string() })
          .parse(
            await page.evaluate(
              '(() => { const { outlineWidth: width, outlineStyle: style } = getComputedStyle(document.activeElement); return { width, style }; })()',
            ),
          );
        await page.keyboard.press('Enter');
        return { first: told, outline: style, opened: await page.locator('details[open]').count() };
      });

      expect(first).toBe('Skip to the content');
      expect(outline).toEqual({ width: '3px', style: 'solid' });
      expect(opened).toBe(1);
    });

    describe.each(SCHEMES)('in %s', (colorScheme) => {
      test('has contrast enough for every text', async () => {
        const contrasts = await looking(sample.url, { colorScheme }, async (page) => {
          await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
          return z
            .array(z.object({ text: z.string(), ratio: z.number() }))
            .parse(await page.evaluate(CONTRASTS));
        });

        expect(contrasts.length).toBeGreaterThan(200);
        expect(contrasts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      });

      test.each(WIDTHS)('fits %d px', async (width) => {
        const size = await looking(
          sample.url,
          { colorScheme, viewport: { width, height: 900 } },
          async (page) => {
            await page.locator('summary').first().click();
            await pictured(page, `overview-${width}-${colorScheme}`);
            return z
              .tuple([z.number(), z.number()])
              .parse(
                await page.evaluate(
                  '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
                ),
              );
          },
        );

        expect(size).toEqual([width, width]);
      });
    });

    test('shows names that are markup as what they are, and runs nothing of them', async () => {
      const phone = { viewport: { width: 360, height: 800 } };
      const { elements, text, width } = await looking(evil.url, phone, async (page) => ({
        width: z.number().parse(await page.evaluate('document.documentElement.scrollWidth')),
        elements: await page
          .locator('img, script, iframe, [onerror], [onload], a[href^="javascript:"]')
          .count(),
        text: await page.getByRole('main').innerText(),
      }));

      expect(elements).toBe(0);
      expect(text).toContain(hostile('why'));
      expect(width).toBe(360);
    });

    test('sells all that Nija bought, from the button to a flat account, without a script', async () => {
      await world.holder('u-flat');
      await world.holder('u-other');

      const told = await looking(world.url, withoutScript, async (page) => {
        await page.getByRole('button', { name: 'Exit… u-flat: asks first' }).click();
        const plan = await page.getByRole('main').innerText();
        const held = heldAtExchange(world.lab, 'u-flat', BTC);
        await pictured(page, 'confirm');
        await page.getByRole('button', { name: 'Sell now: exit u-flat' }).click();
        await page.getByText('The exchange shows nothing more to sell.').waitFor();
        await pictured(page, 'flat');
        return { plan, held, outcome: await page.getByRole('main').innerText() };
      });

      expect(told.plan).toContain('would be sold');
      expect(told.held).toBe('0.02');
      expect(told.outcome).toMatch(/BTC\/USD[\s\S]*sold/);
      const held = (accountId: string) =>
        [BTC, ETH].map((symbol) => Number(heldAtExchange(world.lab, accountId, symbol)));
      expect(held('u-flat')).toEqual([0, 0]);
      expect(held('u-other')).toEqual([0.02, 0.4]);
      expect(await world.lab.ledger.positions.list('u-flat')).toEqual([]);
      expect(world.failures).toEqual([]);
    });

    test('sells once where the button is pressed twice', async () => {
      await world.holder('u-twice');

      await looking(world.url, {}, async (page) => {
        await page.getByRole('button', { name: 'Exit… u-twice: asks first' }).click();
        await page.getByRole('button', { name: 'Sell now: exit u-twice' }).dblclick();
        await page.getByText('The exchange shows nothing more to sell.').waitFor();
        await page.goBack();
        await page.getByRole('button', { name: 'Sell now: exit u-twice' }).click();
        await page.getByText('The exchange shows nothing more to sell.').waitFor();
      });

      const orders = world.lab.simulator.books.orders().filter(({ accountId }) => accountId === 'u-twice');
      expect(orders.map(({ symbol }) => symbol).sort()).toEqual([BTC, ETH]);
    });

    test('shows who halted and why, however it is written, from the real ledger', async () => {
      await world.lab.ledger.control.setHalt({
        engaged: true,
        by: hostile('by'),
        why: hostile('why'),
        at: world.lab.clock.now(),
      });

      const { banner, elements } = await looking(world.url, {}, async (page) => ({
        banner: await page.getByRole('status').first().innerText(),
        elements: await page.locator('img, script').count(),
      }));

      expect(banner).toContain('All buying is halted');
      expect(banner).toContain(hostile('why'));
      expect(elements).toBe(0);
    });

    const pictured = async (page: Page, name: string): Promise<void> => {
      if (PICTURES === undefined) return;
      await mkdir(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `${name}.png`) });
    };
  },
);
