import { describe, expect, it } from 'vitest';
import { content } from '../../page/content.ts';
import type { PageData } from '../../page/data/page-data.ts';
import { html } from '../../page/markup/html.ts';
import { sampleData } from './sample.ts';

const HOST = { exit: () => html``, more: () => html``, linksWithin: true };
const MANY = { accounts: 130, covered: 50, next: 'u-049' };

/** The sample with one part's answer changed, as a reader sees its words. */
const shown = <Part extends Exclude<keyof PageData, 'now'>>(
  part: Part,
  change: (answer: Extract<PageData[Part], { readable: true }>['answer']) => object,
): string => {
  const data = sampleData();
  const read = data[part];
  if (!read.readable) throw new Error(`the sample has no ${part}`);
  const answer = { ...read.answer, ...change(read.answer as never) };
  const { text } = content({ ...data, [part]: { readable: true, answer } }, HOST);
  return text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
};

describe('what a page leaves out', () => {
  it('are accounts whose findings are on other pages: then nobody reads that nothing needs attention', () => {
    const text = shown('overview', () => ({ findings: [], page: MANY }));

    expect(text).toContain('Nothing does among what this page shows.');
    expect(text).toContain('This is of the 50 accounts of this page; 80 more are on other pages.');
  });

  it('is nothing where all accounts are on it', () => {
    const text = shown('overview', () => ({ findings: [] }));

    expect(text).not.toContain('What needs attention');
  });

  it('are events of which there were too many, by their kinds and where they belong', () => {
    const text = shown('events', () => ({ cut: true, cutKinds: ['protection', 'drift'], page: MANY }));

    expect(text).toContain('there were more (protection, drift), these are the newest');
    expect(text.match(/there were more \(/g)).toHaveLength(1);
    expect(text).toContain('Of single accounts these are those of the 50 on this page; there are 130.');
  });

  it('are switches of an account whose audit trail cannot be read: not that there were none', () => {
    const failing = [{ accountId: 'u-ann', part: 'audit trail', why: 'it is damaged' }];

    const text = shown('events', () => ({ events: [], failing }));

    const switches = text.slice(text.lastIndexOf('Halts and switches'));
    expect(switches).toContain('audit trail of u-ann: it is damaged');
    expect(switches).toContain('None in what could be read.');
    expect(text.match(/audit trail of u-ann/g)).toHaveLength(1);
  });

  it('are older trades', () => {
    const text = shown('trades', () => ({ next: '1~t-x' }));

    expect(text).toContain('These are the newest 3; there are older ones.');
  });

  it('are copies of further accounts, in the counts and in the list', () => {
    const text = shown('trades', ({ trades }) => ({
      trades: trades.map((trade) =>
        trade.readable && trade.copies !== undefined
          ? { ...trade, copies: { ...trade.copies, next: 'u-100' } }
          : trade,
      ),
    }));

    expect(text).toContain('2 filled 1 skipped 1 failed among the first accounts');
    expect(text).toContain('nija copies t-1 --master m-apex lists the copies of all');
  });

  it('may be all copies there are: only where all accounts were looked at did nobody follow', () => {
    const without = (next: object) =>
      shown('trades', ({ trades }) => ({
        trades: trades.map((trade) =>
          trade.readable && trade.copies !== undefined
            ? {
                ...trade,
                copies: {
                  counts: { filled: 0, skipped: 0, failed: 0, open: 0, unreadable: 0 },
                  list: [],
                  ...next,
                },
              }
            : trade,
        ),
      }));

    const some = without({ next: 'u-100' });
    const all = without({});

    expect(some).not.toContain('Nobody followed');
    expect(some).toContain('No copies among the first accounts.');
    expect(all).toContain('Nobody followed this master then');
  });

  it('is what trading brought where it is not known what came and left, even if no point that is shown says so', () => {
    const known = shown('equity', () => ({}));

    const text = shown('equity', ({ accounts }) => ({
      accounts: accounts.map((one) =>
        one.accountId === 'u-ann' && one.readable ? { ...one, unknownFlows: true } : one,
      ),
    }));

    expect(known).not.toContain('missing from the growth');
    expect(text).toContain('Of u-ann it is not known for some time what came and left');
  });
});

describe('what cannot be read', () => {
  it('of a key is not called unusable', () => {
    const text = shown('overview', ({ accounts }) => ({
      accounts: accounts.map((one) => ({ ...one, key: { fingerprint: '0011223344556677' } })),
    }));

    expect(text).toContain('0011223344556677 could not be read');
    expect(text).not.toContain('not usable');
  });

  it('of stops is not called none', () => {
    const text = shown('positions', ({ accounts }) => ({
      accounts: accounts.map((one) =>
        one.readable
          ? {
              ...one,
              positions: one.positions.map((each) => ({
                ...each,
                levels: [],
                levelsUnreadable: 'it is damaged',
              })),
            }
          : one,
      ),
    }));

    expect(text).not.toContain('none set');
    expect(text).toContain('could not be read it is damaged');
  });

  it('of whether stops are judged stands with each of them', () => {
    const text = shown('positions', ({ accounts }) => ({
      accounts: accounts.map((one) => (one.readable ? { ...one, unjudgedUnreadable: 'it is damaged' } : one)),
    }));

    expect(text).toContain('Not known whether stops are judged it is damaged');
    expect(text).toContain('could not be read whether anything judges these');
  });

  it('of some accounts leaves positions unknown, not absent', () => {
    const text = shown('positions', ({ accounts }) => ({
      accounts: accounts.map((one) => (one.readable ? { ...one, positions: [] } : one)),
    }));

    expect(text).toContain('No positions are open in the accounts that could be read.');
  });
});
