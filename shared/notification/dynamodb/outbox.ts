import { fromItem, toItem } from '../../ledger/dynamodb/entity.ts';
import { placeOf, type TableConfig, tableAccess } from '../../ledger/dynamodb/table-access.ts';
import { nextVersion, untilUnchanged } from '../../ledger/dynamodb/versions.ts';
import type { Write } from '../../ledger/dynamodb/writes.ts';
import type { ChannelId } from '../channel.ts';
import {
  type ChannelState,
  claimed,
  gathered,
  isStill,
  type Pending,
  postponed,
  withoutPending,
} from '../channel-state.ts';
import type { Notice } from '../notice.ts';
import type { Outbox } from '../outbox.ts';
import {
  causeKey,
  causeWrite,
  channelEntity,
  channelKey,
  undeliveredEntity,
  undeliveredOf,
  undeliveredWrite,
} from './items.ts';

/** A transaction takes a hundred items; one is the channel's own. */
const AT_ONCE = 99;

/** The outbox in the ledger's table: one item for each channel, and one for each cause that it has had. */
export const dynamoOutbox = (config: TableConfig): Outbox => {
  const table = tableAccess(config);
  const { clock, chance } = config;

  const read = async (channel: ChannelId): Promise<ChannelState | undefined> => {
    const item = await table.get(`read what is to be told to ${channel}`, channelKey(channel));
    return item === undefined ? undefined : fromItem(channelEntity, item);
  };

  const save = async (state: ChannelState, ...more: readonly Write[]): Promise<void> => {
    const what = `what is to be told to ${state.channel}`;
    const put = {
      type: 'put',
      what,
      item: toItem(channelEntity, state),
      condition: nextVersion(state.version),
    } as const;
    if (more.length === 0) await table.write(put);
    else await table.transact(`write ${what}`, [put, ...more]);
  };

  const addSome = async (channel: ChannelId, notices: readonly Notice[]): Promise<number> =>
    await untilUnchanged(`what is to be told to ${channel}`, async () => {
      const keys = notices.map((notice) => causeKey(channel, notice));
      const known = await table.getAll(`read what ${channel} has had`, keys);
      const news = notices.filter((notice) => !known.has(placeOf(causeKey(channel, notice))));
      if (news.length === 0) return 0;
      const now = clock.now();
      const state = gathered(await read(channel), channel, news, now);
      await save(state, ...news.map((notice) => causeWrite(channel, notice, now)));
      return news.length;
    });

  /** Changes the state where this try of the message is still the one on its way; else another has taken it over. */
  const ending = async (
    channel: ChannelId,
    message: Pending,
    change: (state: ChannelState) => Promise<void>,
  ): Promise<void> =>
    await untilUnchanged(`what is to be told to ${channel}`, async () => {
      const state = await read(channel);
      if (state !== undefined && isStill(state, message)) await change(state);
    });

  return {
    add: async (channel, notices) => {
      const once = [...new Map(notices.map((notice) => [notice.cause, notice])).values()];
      let added = 0;
      for (let from = 0; from < once.length; from += AT_ONCE)
        added += await addSome(channel, once.slice(from, from + AT_ONCE));
      return added;
    },
    take: async (channel, early = false) =>
      await untilUnchanged(`what is to be told to ${channel}`, async () => {
        const state = claimed(await read(channel), clock.now(), chance.id(), early);
        if (state === undefined) return undefined;
        await save(state);
        return state.pending;
      }),
    delivered: async (channel, message) =>
      await ending(channel, message, async (state) => await save(withoutPending(state))),
    postpone: async (channel, message, why, asked) =>
      await ending(
        channel,
        message,
        async (state) => await save(postponed(state, message, why, clock.now(), asked)),
      ),
    giveUp: async (channel, message, why) =>
      await ending(
        channel,
        message,
        async (state) =>
          await save(withoutPending(state), undeliveredWrite({ channel, message, why, at: clock.now() })),
      ),
    undelivered: async (channel) => {
      const items = await table.all({
        what: `list what could not be told to ${channel}`,
        where: undeliveredOf(channel),
        consistent: true,
      });
      return items
        .map((item) => fromItem(undeliveredEntity, item))
        .map(({ channel: of, message, why, at }) => ({ channel: of, message, why, at }))
        .toSorted((a, b) => a.at - b.at);
    },
  };
};
