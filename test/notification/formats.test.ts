import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADVICE } from '../../shared/notification/advice.ts';
import type { Pending } from '../../shared/notification/channel-state.ts';
import { type Digest, digestOf, withNotice } from '../../shared/notification/digest.ts';
import { plainMessage } from '../../shared/notification/format/plain.ts';
import { slackBody } from '../../shared/notification/format/slack.ts';
import { telegramBody } from '../../shared/notification/format/telegram.ts';
import { NOTICE_KINDS, type Notice } from '../../shared/notification/notice.ts';
import { oneLine } from '../../shared/notification/one-line.ts';
import { START } from '../ledger/examples.ts';

const HOSTILE = [
  '<!channel> pay up',
  '<https://evil.example|your bank>',
  '@everyone /stop *bold* _it_ `code` ~no~',
  '</pre><a href="https://evil.example">x</a>',
  '&lt;script&gt; & "quotes"',
  'line one\nline two\r\n\u2028line three',
  '\u202Eright to left\u202C\u200B\u0000\u001b[31m',
  'x'.repeat(5_000),
];

const hostile = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme', maxLength: 600 }));
const notice: fc.Arbitrary<Notice> = fc.record(
  {
    cause: fc.string(),
    kind: fc.constantFrom(...NOTICE_KINDS),
    concerns: fc.constantFrom('u-ann', 'u-bob', 'm-apex', 'everyone', 'operators'),
    at: fc.integer({ min: START, max: START + 1e9 }),
    reason: hostile,
    says: hostile,
    todo: hostile,
  },
  { requiredKeys: ['cause', 'kind', 'concerns', 'at', 'reason', 'says'] },
);
const message: fc.Arbitrary<Pending> = fc.array(notice, { minLength: 1, maxLength: 60 }).map((notices) => {
  const kinds = [...new Set(notices.map(({ kind }) => kind))];
  const digests = kinds.map((kind) => {
    const [first, ...rest] = notices.filter((one) => one.kind === kind);
    if (first === undefined) throw new Error('a kind has no notice');
    return rest.reduce(withNotice, digestOf(first));
  });
  return { id: 'id-1', createdAt: START, digests, attempts: 1, nextTryAt: START };
});
const textIn = (body: string): string => JSON.parse(body).text;

describe('for Slack', () => {
  test('nothing that anybody wrote becomes a mention, a link or a format', () => {
    fc.assert(
      fc.property(message, (one) => {
        const body = JSON.parse(slackBody(one, 'prod'));

        expect(body.text).not.toMatch(/[<>]/);
        expect(body.text.replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&');
        expect(body).toMatchObject({ mrkdwn: false, link_names: false, unfurl_links: false });
        expect(body.text.length).toBeLessThanOrEqual(30_001);
      }),
    );
  });
});

describe('for Telegram', () => {
  test('what anybody wrote stands in <pre>, escaped, and the text fits what Telegram takes', () => {
    fc.assert(
      fc.property(message, (one) => {
        const text = textIn(telegramBody(one, 'prod', '-1001'));
        const tags = text.match(/<[^>]*>/g) ?? [];

        expect(text.length).toBeLessThanOrEqual(4_096);
        expect(new Set(tags)).toEqual(
          new Set([...new Set(tags)].filter((tag) => ['<b>', '</b>', '<pre>', '</pre>'].includes(tag))),
        );
        expect(tags.join('')).toMatch(/^<b><\/b>(<pre><\/pre>)*$/);
        expect(text.replaceAll(/<\/?(b|pre)>/g, '')).not.toMatch(/[<>"]/);
        const outside = text.replaceAll(/<pre>[^<]*<\/pre>/g, '');
        expect(outside).not.toContain('evil.example');
        expect(outside).not.toContain('@everyone');
      }),
    );
  });

  test('tells quietly what went as it should', () => {
    const of = (kind: Notice['kind']): Pending => ({
      id: 'id-1',
      createdAt: START,
      digests: [digestOf({ cause: 'c', kind, concerns: 'u-ann', at: START, reason: 'r', says: 's' })],
      attempts: 1,
      nextTryAt: START,
    });

    expect(JSON.parse(telegramBody(of('exit-ended'), 'prod', '1'))).toMatchObject({
      disable_notification: true,
    });
    expect(JSON.parse(telegramBody(of('exit-stuck'), 'prod', '1'))).toMatchObject({
      disable_notification: false,
    });
  });
});

test.each([
  ['Telegram', (one: Pending) => telegramBody(one, 'prod', '-1001'), 4_096],
  ['Slack', (one: Pending) => slackBody(one, 'prod'), 30_000],
])('every kind is told, as its heading where there is no room for more: %s', (_, bodyOf, most) => {
  const about = { cause: 'c', concerns: 'u-ann', at: START, reason: '"'.repeat(80), says: '<'.repeat(400) };
  const digests = NOTICE_KINDS.map((kind) => {
    const more = Array.from({ length: 6 }, () => ({ ...about, kind }));
    return more.reduce<Digest>(withNotice, digestOf({ ...about, kind }));
  });

  const text = textIn(bodyOf({ id: 'id-1', createdAt: START, digests, attempts: 1, nextTryAt: START }));

  expect(text.length).toBeLessThanOrEqual(most);
  for (const kind of NOTICE_KINDS)
    expect(text).toContain(`[${ADVICE[kind].severity}] 7 x ${ADVICE[kind].title}`);
  expect(text).toContain(ADVICE['key-can-withdraw'].todo);
});

describe('for e-mail', () => {
  test('the subject is one that SNS takes, and the text is within its size', () => {
    fc.assert(
      fc.property(message, (one) => {
        const { subject, text } = plainMessage(one, 'prod');

        expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
        expect(Buffer.byteLength(text)).toBeLessThan(256 * 1_024);
      }),
    );
  });
});

test('a text is one line, of bounded length, without what cannot be seen', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 500 }), (text, most) => {
      const line = oneLine(text, most);

      expect([...line].length).toBeLessThanOrEqual(most);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('what to do names the account where it is about one, and none where it is about several', () => {
  const about = (concerns: string): Notice => ({
    cause: concerns,
    kind: 'exit-stuck',
    concerns,
    at: START,
    reason: 'BTC/USD',
    says: 'stuck',
  });
  const of = (digest: ReturnType<typeof digestOf>) =>
    plainMessage({ id: 'i', createdAt: START, digests: [digest], attempts: 1, nextTryAt: START }, 'prod')
      .text;

  expect(of(digestOf(about('u-ann')))).toContain('nija exit u-ann');
  expect(of(withNotice(digestOf(about('u-ann')), about('u-bob')))).toContain('nija exit ACCOUNT');
});
