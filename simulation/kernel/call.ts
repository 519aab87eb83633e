/** The kinds of ports whose calls are points of a process; each kind has its own faults. */
export const PORTS = ['store', 'queue', 'secrets', 'exchange', 'sleep'] as const;
export type Port = (typeof PORTS)[number];

/** One call that leaves a process. */
export interface Call {
  readonly port: Port;
  /** What is called, short: `Put`, `AddOrder`. */
  readonly name: string;
  /** Whether it changes something: only then does it matter whether it was done. */
  readonly writes: boolean;
  /** What it is about, for people who read the trace; only asked when somebody does. */
  readonly about?: () => string;
  /** The other side knows a repeated call by its token and answers as it did: it acts once. */
  readonly repeatable?: boolean;
  /** Of a transaction: how many items it has. */
  readonly items?: number;
  /** After which the caller gives up by itself, and with what. */
  readonly timeout?: { readonly ms: number; readonly error: (what: string) => Error };
  /** How long it takes by itself, as a sleep does. */
  readonly takesMs?: number;
}
