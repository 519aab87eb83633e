/** The use case is shared: the check of an account runs again what the queue has given up. */
export type { CopyRunPorts as CopyWorkerPorts } from '../../shared/copying/copy-ports.ts';
export { CopyUnknown, runCopy } from '../../shared/copying/run-copy.ts';
