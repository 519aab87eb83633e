import { createHash } from 'node:crypto';
import * as z from 'zod';
import { zSymbol } from '../../account/account.ts';
import { EXCHANGES, type ExchangeName, type Market } from '../../exchange/market.ts';
import { zPrice, zQuantity, zQuote } from '../../money/schema.ts';
import type { Instant } from '../../time/clock.ts';
import { LedgerError, type MarketStore } from '../ledger.ts';
import { type Entity, fromItem, stored, toItem } from './entity.ts';
import type { Table } from './table-access.ts';

const zMarkets: z.ZodType<readonly Market[]> = z.array(
  z.object({
    exchange: z.enum(EXCHANGES),
    symbol: zSymbol,
    base: z.string(),
    quote: z.string(),
    exchangeId: z.string(),
    altname: z.string(),
    baseId: z.string(),
    quoteId: z.string(),
    quantityStep: zQuantity,
    priceTick: zPrice,
    minimumQuantity: zQuantity,
    minimumCost: zQuote,
    status: z.enum([
      'online',
      'limit_only',
      'post_only',
      'cancel_only',
      'reduce_only',
      'maintenance',
      'delisted',
    ]),
  }),
);

/** Some hundred markets as one text, some 60 KB: read many times faster than an item each. */
interface Chunk {
  readonly exchange: ExchangeName;
  readonly index: number;
  /** How many chunks there are, and what all of them were made from. */
  readonly of: number;
  readonly digest: string;
  readonly savedAt: Instant;
  readonly markets: string;
}

const CHUNK = 200;
const ATTEMPTS = 3;

const chunkEntity: Entity<Chunk> = {
  kind: 'MARKETS',
  schema: z.object({
    exchange: z.enum(EXCHANGES),
    index: z.int().min(0),
    of: z.int().min(1),
    digest: z.string(),
    savedAt: z.number(),
    markets: z.string(),
  }),
  key: ({ exchange, index }) => ({
    pk: `market#${exchange}`,
    sk: `CHUNK#${String(index).padStart(4, '0')}`,
  }),
};

export const dynamoMarkets = (table: Table): MarketStore => ({
  all: async (exchange) => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const items = await table.all({
        what: `read the markets of ${exchange}`,
        where: { expression: '#pk = :exchange', values: { exchange: `market#${exchange}` } },
        consistent: true,
      });
      const [first, ...rest] = items.map((item) => fromItem(chunkEntity, item));
      if (first === undefined) return undefined;
      // Leftovers of a longer list come last; a list that is being replaced at this moment is read again.
      const chunks = [first, ...rest].slice(0, first.of);
      const whole =
        chunks.length === first.of &&
        chunks.every(
          (chunk, index) =>
            chunk.index === index && chunk.digest === first.digest && chunk.savedAt === first.savedAt,
        );
      if (whole) return { markets: chunks.flatMap(marketsOf), savedAt: first.savedAt };
    }
    throw new LedgerError(`the markets of ${exchange} in the ledger are incomplete: save them again`);
  },
  save: async (exchange, markets, savedAt) => {
    if (markets.length === 0) {
      throw new LedgerError(`the markets of ${exchange} were not saved: the list is empty`);
    }
    const texts = Array.from({ length: Math.ceil(markets.length / CHUNK) }, (_, index) =>
      JSON.stringify(stored(markets.slice(index * CHUNK, (index + 1) * CHUNK))),
    );
    const digest = createHash('sha256').update(texts.join('\n')).digest('hex');
    await table.transact(
      `save the markets of ${exchange}`,
      texts.map((text, index) => ({
        type: 'put',
        what: `chunk ${index} of the markets of ${exchange}`,
        item: toItem(chunkEntity, { exchange, index, of: texts.length, digest, savedAt, markets: text }),
      })),
    );
  },
});

const marketsOf = (chunk: Chunk): readonly Market[] => {
  try {
    return zMarkets.parse(JSON.parse(chunk.markets));
  } catch (error) {
    throw new LedgerError(
      `chunk ${chunk.index} of the markets of ${chunk.exchange} in the ledger is damaged: save them again`,
      { cause: error },
    );
  }
};
