import type { SeedRun } from '../kernel/seed-run.ts';

/** A history that once broke a guarantee, and holds it since. */
export interface Regression extends Pick<SeedRun, 'seed' | 'steps'> {
  /** What was wrong, as a sentence. */
  readonly found: string;
}

/**
 * Played by every run of the tests. What a seed leads to changes with whatever is drawn: each of these has a test
 * of its own cause as well, where that is; here it stays as what the simulation can find.
 */
export const REGRESSIONS: readonly Regression[] = [
  {
    seed: 148,
    steps: 25,
    found:
      'When the first market of a strategy was delisted, or the master held a rest of a delisted coin, each of its ticks failed for up to a day: nothing was published, no SELL copied.',
  },
  {
    seed: 28,
    steps: 20,
    found:
      'A fee that was taken in base was read as less than it was, by what writing it with five decimals of the quote currency leaves out: for a cheap coin thousands of steps, which a sale then took from the owner.',
  },
  {
    seed: 3,
    steps: 30,
    found:
      'The simulated exchange showed fees in base where it took them so; Kraken always shows them in quote, and read as such they made positions larger than what was held.',
  },
  {
    seed: 1118,
    steps: 30,
    found:
      "A thin book took a part of a copied sale, and a later sale of the master was copied before the rest was sold: the rest was then sized by the master's whole share of what was left, as if nothing had been sold of it.",
  },
  {
    seed: 1108,
    steps: 30,
    found:
      'A purchase was in doubt while an exit of everything sold its coins, and was recorded after that sale: what had to be written off then was taken for a loss that nobody explains.',
  },
  {
    seed: 1073,
    steps: 30,
    found:
      'A sale that the master made right before the end was asked for as made good, before the checks had come that find its coins gone.',
  },
  {
    seed: 7430,
    steps: 5,
    found:
      'A thin book gave one order more executions of one moment than a check may read: every check read the same ones again, so nothing newer was ever judged, and a position that had been sold by hand stood for good.',
  },
  {
    seed: 3132,
    steps: 3,
    found:
      'A user left a master between two tries of handing out its trade, of which the first had lost the message: no other came, and the copy waited half an hour for a check.',
  },
  {
    seed: 1180,
    steps: 8,
    found:
      'A purchase in doubt whose coins an exit of everything had sold was a position from when the ledger learnt of it, so a copied sale of a newer purchase was sized on both.',
  },
  {
    seed: 28103,
    steps: 35,
    found:
      'An exit of everything sold in two rounds minutes apart, and a purchase between them that was learnt late lost to the first round, too: coins that were held were managed no more.',
  },
  {
    seed: 39668,
    steps: 17,
    found:
      'A master whose key was revoked for half an hour traded more meanwhile than its new key may read in one tick: each tick read the same anew until the exchange refused, and none of it was ever published.',
  },
  {
    seed: 52929,
    steps: 5,
    found:
      'Six protective sales of one account used up what a small key may ask, and reading executions was the one thing that a check does not wait for: the check failed behind the sales, twice, and its message was given up.',
  },
  {
    seed: 1978,
    steps: 7,
    found:
      'An exit into a thin book that was not finished read its hundred executions anew with every check, and used up the key each time right before the sale that was owed: that one stayed owed.',
  },
  {
    seed: 6304,
    steps: 34,
    found:
      'A worker answered and the queue never learnt of it, so the message came again and the next of its account lay behind it: that was taken for waiting for another account.',
  },
  {
    seed: 42659,
    steps: 15,
    found:
      'A master with more executions than one tick reads was guarded by a position that lacked the newest of them, a sale by hand: the tick sold what had been sold.',
  },
  {
    seed: 7301,
    steps: 36,
    found:
      'A key without the right to look up orders left a purchase in doubt, whose message was hidden for six minutes: that the sale behind it waited was taken for waiting for another account.',
  },
  {
    seed: 12936,
    steps: 39,
    found:
      'Seconds after a sale its owner adopted all that a late balance still showed: what had just been sold was managed, too.',
  },
];
