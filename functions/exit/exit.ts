/** The use case is shared: the check of an account goes on with an exit that is not flat. */
export { ExitMismatch } from '../../shared/exit/begin-exit.ts';
export { runExit } from '../../shared/exit/run-exit.ts';
