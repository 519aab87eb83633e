import { type Instant, iso } from '../../shared/time/clock.ts';
import { hashed } from './random.ts';

/** One thing that happened. */
export interface TraceRecord {
  readonly at: Instant;
  /** A process, a source of events, an actor. */
  readonly who: string;
  /** Which point of the process; 0 for what is none. */
  readonly point: number;
  readonly what: string;
  readonly about?: () => string;
  readonly fault?: string;
  readonly outcome: string;
}

/**
 * What happened in a run, in order. Keeps the last `limit` records; the hash is over all. A record costs no
 * text: that is made when somebody reads.
 */
export class Trace {
  readonly #start: Instant;
  readonly #limit: number;
  readonly #names = new Map<string, number>();
  #records: TraceRecord[] = [];
  #hash = 0x811c9dc5;
  #count = 0;

  constructor(start: Instant, limit = Number.POSITIVE_INFINITY) {
    this.#start = start;
    this.#limit = limit;
  }

  /** How many there were, kept or not. */
  get count(): number {
    return this.#count;
  }

  get records(): readonly TraceRecord[] {
    return this.#records.slice(-this.#limit);
  }

  /** Eight hexadecimal digits over every record of the run: when, who, what, which fault, how it ended. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  add(record: TraceRecord): void {
    this.#count += 1;
    this.#mix(record.at - this.#start);
    this.#mix(record.point);
    this.#mix(this.#named(record.who));
    this.#mix(this.#named(record.what));
    this.#mix(this.#named(record.outcome));
    if (record.fault !== undefined) this.#mix(this.#named(record.fault));
    this.#records.push(record);
    // Cut seldom, so that a ring costs no more than a list.
    if (this.#records.length >= 2 * this.#limit) this.#records = this.#records.slice(-this.#limit);
  }

  /** One line for each record that is kept: time since the start, who, what, about what, how it ended. */
  render(wanted: (record: TraceRecord) => boolean = () => true): string {
    return this.records
      .filter(wanted)
      .map((record) => line(record, this.#start))
      .join('\n');
  }

  #mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193);
    this.#hash ^= this.#hash >>> 15;
  }

  #named(text: string): number {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const made = hashed(0, text);
    this.#names.set(text, made);
    return made;
  }
}

const line = (record: TraceRecord, start: Instant): string => {
  const who = record.point === 0 ? record.who : `${record.who}#${record.point}`;
  const told = record.about?.() ?? '';
  const about = told === '' ? '' : ` ${told}`;
  const fault = record.fault === undefined ? '' : `  ! ${record.fault}`;
  const ended = record.outcome === '' ? '' : ` → ${record.outcome}`;
  return `${sinceStart(record.at - start)}  ${who.padEnd(24)} ${record.what}${about}${ended}${fault}`;
};

/** `h:mm:ss.mmm`, the hours unbounded. */
export const sinceStart = (ms: number): string => {
  const hours = Math.floor(ms / 3_600_000);
  return `${hours}:${iso(ms - hours * 3_600_000).slice(14, 23)}`;
};
