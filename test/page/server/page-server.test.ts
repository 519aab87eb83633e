import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { CallExit } from '../../../page/server/exits.ts';
import { type PageServer, startPageServer } from '../../../page/server/page-server.ts';
import { sampleData } from '../sample.ts';
import { answersOf } from '../sample-site.ts';

const REPORT = {
  accountId: 'u-ann',
  requestId: 'page-1',
  resumed: false,
  scope: 'managed',
  state: 'FLAT',
  canceledOrders: [],
  results: [
    {
      symbol: 'BTC/USD',
      state: 'SOLD',
      quantity: '0.5',
      price: '64000',
      proceeds: '31900',
      fees: '100',
      left: '0',
      detail: 'sold in one order',
      rounds: 1,
    },
  ],
  notes: [],
};

let server: PageServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** The page over the sample, with an exit that does as told. */
const open = async (exit: CallExit = async () => REPORT, byInvitation = false) => {
  const calls: Parameters<CallExit>[0][] = [];
  const failures: unknown[] = [];
  let ids = 0;
  const data = sampleData();
  const answers = answersOf(data);
  server = await startPageServer({
    source: {
      ask: async ({ query }) => answers.get(query),
      now: () => data.now,
      report: (_part, error) => failures.push(error),
    },
    callExit: async (event) => {
      calls.push(event);
      return await exit(event);
    },
    newId: () => {
      ids += 1;
      return String(ids);
    },
    secret: 'of this test alone',
    byInvitation,
  });
  return { url: server.url, calls, failures, sold: () => calls.filter(({ dryRun }) => !dryRun) };
};

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** As any program could send it: `fetch` would not set Host and Origin. */
const send = (
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  form?: Readonly<Record<string, string>>,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, url),
      {
        method: form === undefined ? 'GET' : 'POST',
        headers: {
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            text: Buffer.concat(chunks).toString('utf8'),
            headers: response.headers,
          }),
        );
      },
    );
    sent.once('error', reject);
    sent.end(form === undefined ? undefined : new URLSearchParams(form).toString());
  });

const formOf = async (url: string): Promise<Record<string, string>> => {
  const { text } = await send(url, '/exit?account=u-ann');
  const field = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
  return { account: field('account'), request: field('request'), token: field('token'), scope: 'managed' };
};

const originOf = (url: string): string => new URL(url).origin;

/** Looks at the outcome until it has ended, as a browser does by itself. */
const ended = async (url: string, path: string): Promise<string> => {
  for (;;) {
    const { text } = await send(url, path);
    if (!text.includes('http-equiv="refresh"')) return text;
  }
};

describe('a page by invitation', () => {
  test('is shown to whoever has its address, from the overview to a flat account', async () => {
    const { url, sold } = await open(undefined, true);
    const at = (path: string): string => new URL(path, url).href;

    const overview = await send(url, at('./'));
    const asking = await send(url, at('exit?account=u-ann'));
    const field = (name: string): string =>
      new RegExp(`name="${name}" value="([^"]*)"`).exec(asking.text)?.[1] ?? '';
    const form = { account: 'u-ann', request: field('request'), token: field('token'), scope: 'managed' };
    const pressed = await send(url, at('exit'), { origin: originOf(url) }, form);
    const shown = await ended(url, new URL(String(pressed.headers['location']), at('exit')).href);

    expect(new URL(url).pathname).toMatch(/^\/[\w-]{43}\/$/);
    expect(overview.status).toBe(200);
    // Every link leads on behind the key.
    for (const { text } of [overview, asking]) expect(text).not.toMatch(/(href|action)="\//);
    expect(pressed.status).toBe(303);
    expect(shown).toContain('Flat');
    expect(shown).toContain('href="../"');
    expect(sold()).toHaveLength(1);
  });

  test.each([
    '/',
    '/exit?account=u-ann',
    `/${'x'.repeat(43)}/`,
    '/favicon.ico',
  ])('is shown to nobody at %s, and calls nothing', async (path) => {
    const { url, calls } = await open(undefined, true);

    const { status, text } = await send(url, path);

    expect(status).toBe(403);
    expect(text).toContain('opens the whole address that its command printed');
    expect(text).not.toContain('u-ann');
    expect(text).not.toContain('Back to the overview');
    expect(calls).toEqual([]);
  });

  test('sells for nobody else, and says that it did not', async () => {
    const { url, calls } = await open(undefined, true);
    const form = { account: 'u-ann', request: 'page-1', token: 'x', scope: 'managed' };

    const { status, text } = await send(url, '/exit', { origin: originOf(url) }, form);

    expect(status).toBe(403);
    expect(text).toContain('Nothing was sold.');
    expect(calls).toEqual([]);
  });
});

describe('the overview', () => {
  test('is one document that needs no script and forbids any', async () => {
    const { url } = await open();

    const { status, text, headers } = await send(url, '/');

    expect(status).toBe(200);
    expect(text).not.toMatch(/<script|javascript:|\son[a-z]+=/i);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
    );
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-frame-options']).toBe('DENY');
  });

  test('shows a part that fails as failing, beside the others, and tells the reason to the log alone', async () => {
    const data = sampleData();
    const reported: string[] = [];
    server = await startPageServer({
      source: {
        ask: async ({ query }) => {
          if (query === 'trades') throw new Error('secret-looking inner detail');
          const read = data[query as 'overview'];
          return read.readable ? read.answer : undefined;
        },
        now: () => data.now,
        report: (part, error) => reported.push(`${part}: ${String(error)}`),
      },
      callExit: async () => REPORT,
      newId: () => '1',
      secret: 'of this test alone',
    });

    const { status, text } = await send(server.url, '/');

    expect(status).toBe(200);
    expect(text).toContain('This part could not be read');
    expect(text).toContain('104,233.88');
    expect(text).not.toContain('secret-looking');
    expect(reported).toEqual(['trades: Error: secret-looking inner detail']);
  });

  test('answers to its own names alone: another name that points here is turned away', async () => {
    const { url } = await open();
    const { port } = new URL(url);

    const own = await send(url, '/', { host: `localhost:${port}` });
    const other = await send(url, '/', { host: `rebound.example:${port}` });

    expect([own.status, other.status]).toEqual([200, 403]);
    expect(other.text).not.toContain('u-ann');
  });
});

describe('an exit', () => {
  test('is asked for first: opening its page sells nothing and shows what it would sell', async () => {
    const { url, calls } = await open(async () => ({
      ...REPORT,
      state: 'PLANNED',
      results: REPORT.results.map((result) => ({ ...result, state: 'WOULD_SELL' })),
    }));

    const { text } = await send(url, '/exit?account=u-ann');

    expect(text).toContain('Exit u-ann?');
    expect(text).toContain('would be sold');
    expect(calls).toEqual([{ accountId: 'u-ann', requestId: 'page-1', scope: 'managed', dryRun: true }]);
  });

  test('can be confirmed where no plan can be read, and the page does not say what went wrong inside', async () => {
    const { url, failures } = await open(async () => {
      throw new Error('inner detail');
    });

    const { text } = await send(url, '/exit?account=u-ann');

    expect(text).toContain('What would be sold could not be read');
    expect(text).toContain('Sell now: exit u-ann');
    expect(text).not.toContain('inner detail');
    expect(failures).toHaveLength(1);
  });

  test('sells once, and leads to how it ended', async () => {
    const { url, sold } = await open();
    const form = await formOf(url);

    const posted = await send(url, '/exit', { origin: originOf(url) }, form);
    const text = await ended(url, String(posted.headers['location']));

    expect(posted.status).toBe(303);
    expect(sold()).toEqual([{ accountId: 'u-ann', requestId: 'page-1', scope: 'managed', dryRun: false }]);
    expect(text).toContain('Flat');
    expect(text).toContain('31,900.00');
  });

  test('is the same one where its form is sent twice, while it goes on and when it has ended', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { url, sold } = await open(async ({ dryRun }) => {
      if (!dryRun) await gate;
      return REPORT;
    });
    const form = await formOf(url);
    const headers = { origin: originOf(url) };

    const [first, second] = await Promise.all([
      send(url, '/exit', headers, form),
      send(url, '/exit', headers, form),
    ]);
    const meanwhile = await send(url, String(first?.headers['location']));
    release();
    await ended(url, String(first?.headers['location']));
    const third = await send(url, '/exit', headers, form);

    expect(meanwhile.text).toContain('Selling');
    expect(new Set([first, second, third].map((answer) => answer?.headers['location']))).toEqual(
      new Set(['/exit/page-1']),
    );
    expect(sold()).toHaveLength(1);
  });

  test('that is not flat goes on with the same request, for what it was begun for', async () => {
    const { url, sold, calls } = await open(async () => ({ ...REPORT, state: 'INCOMPLETE' }));
    const headers = { origin: originOf(url) };
    const form = { ...(await formOf(url)), scope: 'everything' };
    const posted = await send(url, '/exit', headers, form);
    const text = await ended(url, String(posted.headers['location']));
    const again = /href="\.\.(\/exit\?account=u-ann&amp;request=[^"]*)"/
      .exec(text)?.[1]
      ?.replace('&amp;', '&');

    const asked = await send(url, again ?? '');
    const plan = calls.at(-1);
    await send(url, '/exit', headers, form);

    expect(text).toContain('Not flat yet');
    expect(asked.text).toContain('name="request" value="page-1"');
    expect(asked.text).not.toContain('value="managed"');
    expect(plan).toEqual({ accountId: 'u-ann', requestId: 'page-1', scope: 'everything', dryRun: true });
    expect(sold().map(({ requestId, scope }) => [requestId, scope])).toEqual([
      ['page-1', 'everything'],
      ['page-1', 'everything'],
    ]);
  });

  test.each([
    'STAKED',
    'DELISTED',
  ])('that leaves what is %s warns of it, and is not told as flat', async (state) => {
    const [result] = REPORT.results;
    const { url } = await open(async () => ({ ...REPORT, results: [{ ...result, state, left: '0.5' }] }));
    const posted = await send(url, '/exit', { origin: originOf(url) }, await formOf(url));

    const text = await ended(url, String(posted.headers['location']));

    expect(text).toContain('No order can sell what is left of BTC/USD');
    expect(text).not.toContain('Flat');
  });

  test('that fails says so with the kind of the failure alone', async () => {
    const { url } = await open(async ({ dryRun }) => {
      if (dryRun) return REPORT;
      throw Object.assign(new Error('inner detail'), { name: 'CallFailed', code: 'NO_ANSWER' });
    });
    const posted = await send(url, '/exit', { origin: originOf(url) }, await formOf(url));

    const text = await ended(url, String(posted.headers['location']));

    expect(text).toContain('Not known to be sold');
    expect(text).toContain('NO_ANSWER');
    expect(text).not.toContain('inner detail');
  });

  test.each<[string, (url: string) => Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ['a page of another site', () => ({ origin: 'https://elsewhere.example' }), {}],
    ['a page that hides where it is from', () => ({ origin: 'null' }), {}],
    ['something that names no origin', () => ({}), {}],
    [
      'another site, as the browser tells',
      (url) => ({ origin: originOf(url), 'sec-fetch-site': 'cross-site' }),
      {},
    ],
    [
      'a name that was made to point here',
      (url) => ({
        host: `rebound.example:${new URL(url).port}`,
        origin: `http://rebound.example:${new URL(url).port}`,
      }),
      {},
    ],
    ['a form for another account', (url) => ({ origin: originOf(url) }), { account: 'u-ben' }],
    ['a form for another request', (url) => ({ origin: originOf(url) }), { request: 'page-2' }],
    ['a form with a made-up token', (url) => ({ origin: originOf(url) }), { token: '0'.repeat(64) }],
    ['a form with an account that is none', (url) => ({ origin: originOf(url) }), { account: '<b>' }],
    ['a master', (url) => ({ origin: originOf(url) }), { account: 'm-apex' }],
  ])('asked for by %s sells nothing', async (_, headers, changed) => {
    const { url, sold } = await open();
    const form = { ...(await formOf(url)), ...changed };

    const { status } = await send(url, '/exit', headers(url), form);

    expect([400, 403]).toContain(status);
    expect(sold()).toEqual([]);
  });

  test.each([
    'cross-site',
    'same-site',
  ])('is not even looked at for a page of another site (%s): the exchange is not asked with the key', async (site) => {
    const { url, calls } = await open();

    const { status } = await send(url, '/exit?account=u-ann', { 'sec-fetch-site': site });

    expect(status).toBe(403);
    expect(calls).toEqual([]);
  });

  test('is not begun by a link: what only reads, sells nothing', async () => {
    const { url, sold } = await open();
    const form = await formOf(url);

    const { status } = await send(url, `/exit?${new URLSearchParams(form).toString()}`);

    expect(status).toBe(200);
    expect(sold()).toEqual([]);
  });
});
