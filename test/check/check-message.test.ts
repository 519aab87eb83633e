import { describe, expect, it } from 'vitest';
import { zCheckMessage } from '../../shared/check/check-message.ts';

const message = { accountId: 'u-ann', slot: '2026-03-02T12:00:00Z' };

describe('the message of a check', () => {
  it('names a user and a slot', () => {
    expect(zCheckMessage.parse(message)).toEqual(message);
  });

  it.each([
    ['a master: it is no user', { ...message, accountId: 'm-apex' }],
    ['no account', { slot: message.slot }],
    ['no slot', { accountId: message.accountId }],
    ['a slot in local time', { ...message, slot: '2026-03-02T12:00:00+01:00' }],
    ['a slot that is no moment', { ...message, slot: 'noon' }],
    ['what nobody reads', { ...message, urgent: true }],
  ])('is none with %s', (_, wrong) => {
    expect(zCheckMessage.safeParse(wrong).success).toBe(false);
  });
});
