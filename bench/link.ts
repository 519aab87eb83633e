import * as z from 'zod';

const zMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: z.number(), method: z.string(), params: z.unknown().optional() }),
  z.object({ kind: z.literal('result'), id: z.number(), result: z.unknown().optional() }),
  z.object({ kind: z.literal('error'), id: z.number(), message: z.string() }),
]);

/** One end of a channel between two processes: this process, or a child. */
interface End {
  send?(message: object): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'disconnect', listener: () => void): unknown;
}

const GONE = 'the other process is gone';

export type Method = (params: unknown) => Promise<unknown>;

export interface Link {
  /** @throws Error with the message of what the other side threw, or when it is gone */
  call(method: string, params?: unknown): Promise<unknown>;
}

/** Lets both sides call each other's methods. */
export const linkTo = (end: End, methods: Readonly<Record<string, Method>>): Link => {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let count = 0;
  let gone = false;

  const answer = async (id: number, method: string, params: unknown): Promise<object> => {
    try {
      const run = methods[method];
      if (run === undefined) throw new Error(`there is no such method (given '${method}')`);
      return { kind: 'result', id, result: await run(params) };
    } catch (error) {
      return { kind: 'error', id, message: error instanceof Error ? error.message : String(error) };
    }
  };

  end.on('message', async (received) => {
    const message = zMessage.parse(received);
    if (message.kind === 'call') {
      const answered = await answer(message.id, message.method, message.params);
      if (!gone) end.send?.(answered);
      return;
    }
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.kind === 'result') call?.resolve(message.result);
    else call?.reject(new Error(message.message));
  });
  end.once('disconnect', () => {
    gone = true;
    for (const call of waiting.values()) call.reject(new Error(GONE));
    waiting.clear();
  });

  return {
    call: (method, params) =>
      new Promise((resolve, reject) => {
        if (gone) throw new Error(GONE);
        count += 1;
        waiting.set(count, { resolve, reject });
        end.send?.({ kind: 'call', id: count, method, params });
      }),
  };
};
