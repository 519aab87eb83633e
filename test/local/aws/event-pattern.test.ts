import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EventPattern,
  matches,
  zEventPattern,
} from '../../../infra/local/aws/event-sources/event-pattern.ts';

const event = {
  eventName: 'INSERT',
  dynamodb: { Keys: { sk: { S: 'TRADE#7' } }, NewImage: { kind: { S: 'TRADE' }, live: { BOOL: true } } },
};

describe('an event pattern', () => {
  it.each<[string, EventPattern, boolean]>([
    ['a literal', { eventName: ['INSERT'] }, true],
    ['one literal of several', { eventName: ['MODIFY', 'INSERT'] }, true],
    ['another literal', { eventName: ['REMOVE'] }, false],
    ['a prefix', { dynamodb: { Keys: { sk: { S: [{ prefix: 'TRADE#' }] } } } }, true],
    ['another prefix', { dynamodb: { Keys: { sk: { S: [{ prefix: 'ORDER#' }] } } } }, false],
    ['a suffix', { dynamodb: { Keys: { sk: { S: [{ suffix: '#7' }] } } } }, true],
    ['a truth value', { dynamodb: { NewImage: { live: { BOOL: [true] } } } }, true],
    ['something that is there', { dynamodb: { NewImage: { kind: { S: [{ exists: true }] } } } }, true],
    ['something that is not', { dynamodb: { OldImage: { kind: { S: [{ exists: false }] } } } }, true],
    ['anything but this', { eventName: [{ 'anything-but': ['INSERT'] }] }, false],
    ['anything but that', { eventName: [{ 'anything-but': 'REMOVE' }] }, true],
    ['a text in any case', { eventName: [{ 'equals-ignore-case': 'insert' }] }, true],
    [
      'all of several fields',
      { eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['FILL'] } } } },
      false,
    ],
  ])('asks for %s', (_name, pattern, expected) => {
    expect(matches(zEventPattern.parse(pattern), event)).toBe(expected);
  });

  it('matches a prefix exactly when the text starts with it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (prefix, text) => {
        expect(matches({ a: [{ prefix }] }, { a: text })).toBe(text.startsWith(prefix));
        expect(matches({ a: [{ prefix }] }, { a: prefix + text })).toBe(true);
      }),
    );
  });

  it('refuses a condition it does not know', () => {
    expect(zEventPattern.safeParse({ a: [{ cidr: '10.0.0.0/8' }] }).success).toBe(false);
  });
});
