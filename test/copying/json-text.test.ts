import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { jsonText } from '../../shared/copying/json-text.ts';

const schema = jsonText(z.object({ tradeId: z.string() }));

describe('a text that should be JSON', () => {
  it('is read into its shape', () => {
    expect(schema.parse('{"tradeId":"t-1"}')).toEqual({ tradeId: 't-1' });
  });

  it.each(['', '{', 'secret-key'])('is refused where it is none, and is not quoted: %j', (text) => {
    const read = schema.safeParse(text);

    expect(read.error?.issues).toMatchObject([{ code: 'custom', message: 'is not JSON' }]);
  });

  it('is refused where it is JSON of another shape', () => {
    expect(schema.safeParse('{"tradeId":1}').error?.issues).toMatchObject([{ path: ['tradeId'] }]);
  });
});
