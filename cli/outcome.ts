/** What the command ends with; scripts rely on these numbers. */
export const EXIT_CODES = {
  /** Done. */
  done: 0,
  /** Something failed, be it a part. */
  failed: 1,
  /** The command line does not say what it should. */
  usage: 2,
  /** The person said no, or could not be asked. Nothing was changed. */
  refused: 3,
} as const;
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** The message says what is wrong, with what was given. Nothing was called. */
export class UsageProblem extends Error {
  override readonly name = 'UsageProblem';
}

/** Nothing was changed: somebody said no, or nobody could be asked. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** What was asked for could not be had; the message says why and what to do next. */
export class CommandFailed extends Error {
  override readonly name: string = 'CommandFailed';
  /** One word for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
