import fc from 'fast-check';
import { ERROR_TEXTS } from '../../shared/exchange/kraken/error-texts.ts';
import type { HttpAnswer } from '../../shared/exchange/kraken/transport.ts';
import { damaged, oddJson, overTheWire } from './odd-values.ts';

const status = fc.oneof(
  { weight: 6, arbitrary: fc.constant(200) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 201, 204, 302, 400, 401, 403, 404, 418, 429, 500, 502, 503, 520, 524),
  },
);

const ECHOES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.slice(0, 40),
  encodeURIComponent,
  (text) => Buffer.from(text).toString('base64'),
  (text) => `header '${text}' is not what it was`,
];

/** What the exchange might repeat of what it was sent, whole, cut or encoded. */
export const echoesOf = (sent: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...sent), fc.constantFrom(...ECHOES)).map(([text, echo]) => echo(text));

const errorText = (echo: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(...ERROR_TEXTS.map(({ text }) => text)),
    fc
      .tuple(fc.constantFrom(...ERROR_TEXTS.map(({ text }) => text)), fc.string({ maxLength: 12 }))
      .map(([text, more]) => `${text}${more}`),
    echo.map((text) => `EGeneral:Invalid arguments:${text}`),
    fc.constantFrom('WGeneral:Slow', 'E', '', 'EGeneral'),
    fc.string({ unit: 'binary', maxLength: 30 }),
  );

/** An answer with errors, alone or beside a result. */
const refusal = (real: unknown, echo: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fc.array(errorText(echo), { minLength: 1, maxLength: 3 }),
      fc.oneof(fc.constant(undefined), fc.constant(real), fc.constantFrom<unknown>(null, {}, []), oddJson),
    )
    .map(([error, result]) => overTheWire(result === undefined ? { error } : { error, result }));

const resultOf = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'result' in body ? body.result : undefined;

/**
 * Arbitrary bytes, arbitrary JSON, errors, and the real answer damaged, as an exchange in trouble may give them.
 *
 * @param sent what was sent and nobody may see again
 */
export const oddAnswer = (real: HttpAnswer, sent: readonly string[]): fc.Arbitrary<HttpAnswer> => {
  const valid: unknown = JSON.parse(real.body);
  const echo = echoesOf(sent);
  const body = fc.oneof(
    { weight: 6, arbitrary: damaged(fc.constant(valid)).map((value) => JSON.stringify(value)) },
    {
      weight: 4,
      arbitrary: damaged(fc.constant(resultOf(valid))).map((result) => JSON.stringify({ error: [], result })),
    },
    { weight: 3, arbitrary: refusal(resultOf(valid), echo).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: oddJson.map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: fc.nat(real.body.length).map((length) => real.body.slice(0, length)) },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
    },
    { weight: 1, arbitrary: echo },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '',
        ' ',
        '<html>502 Bad Gateway</html>',
        '\ufeff{}',
        '{"error":[]}',
        'null',
        '['.repeat(50_000),
      ),
    },
  );
  return fc.record({ status, body });
};
