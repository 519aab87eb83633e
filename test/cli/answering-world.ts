import type { World } from '../../cli/run.ts';
import type { Answer } from '../../cli/transport/functions.ts';

/** A deployment whose functions answer as told; what the command prints is kept, and nobody can be asked. */
export const answeringWorld = (answerTo: (name: string, event: object) => Answer) => {
  const seen = { out: '' };
  const world: World = {
    out: {
      isTerminal: false,
      columns: undefined,
      write: (text) => {
        seen.out += text;
      },
    },
    err: { isTerminal: false, columns: undefined, write: () => undefined },
    env: {},
    operator: 'ann',
    ask: {
      possible: false,
      confirm: async () => false,
      text: async () => '',
      secret: async () => '',
    },
    readInput: async () => '',
    ended: async () => undefined,
    connect: async () => ({
      stage: 'local',
      pageUrl: 'http://127.0.0.1:1/',
      keys: async () => {
        throw new Error('no key is touched here');
      },
      stop: () => undefined,
      functions: { target: 'stage test', invoke: async (name, event) => answerTo(name, event) },
    }),
  };
  return { world, seen };
};
