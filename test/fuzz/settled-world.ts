import { DAY } from '../../shared/time/clock.ts';
import { type EdgeWorld, type Effects, openEdgeWorld } from './edge-world.ts';
import { queueRecord, streamRecord, tradeImage } from './events.ts';

/** A master, two users who follow it and hold BTC, all by the functions themselves. */
export const settled = async (): Promise<EdgeWorld> => {
  const world = openEdgeWorld();
  for (const accountId of ['m-boss', 'u-ann', 'u-bob'])
    await world.openAccount(accountId, { USD: '100000', BTC: '1' });
  const begun: Effects[] = [];
  const strategy = { name: 'manual', symbols: ['BTC/USD'], mode: 'live' };
  begun.push(await world.invoke('register-master', { accountId: 'm-boss', exchange: 'kraken', strategy }));
  for (const accountId of ['u-ann', 'u-bob'])
    begun.push(await world.invoke('register-user', { accountId, exchange: 'kraken', follows: 'm-boss' }));
  const at = world.clock.now();
  await world.ledger.publishStatus({
    masterId: 'm-boss',
    healthy: true,
    reason: 'ok',
    at,
    periodMs: 300 * DAY,
  });
  const records = [streamRecord(tradeImage('t-1', at))];
  begun.push(await world.invoke('trade-copier', { Records: records }));
  const messages = ['u-ann', 'u-bob'].map((accountId) =>
    queueRecord(JSON.stringify({ accountId, masterId: 'm-boss', tradeId: 't-1' }), accountId),
  );
  begun.push(await world.invoke('copy-worker', { Records: messages }));
  for (const { end } of begun) if ('error' in end) throw end.error;
  return world;
};
