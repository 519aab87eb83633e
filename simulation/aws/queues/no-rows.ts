import type { Rows } from '../../../infra/local/state/rows.ts';

/** Keeps nothing: a service that never stops needs nothing to start again from. */
export const noRows: Rows = {
  all: () => [],
  get: () => undefined,
  put: () => {},
  remove: () => {},
  together: (write) => write(),
  soon: () => {},
  close: () => {},
};
