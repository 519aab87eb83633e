import type { FunctionName } from '../../infra/functions/specs.ts';
import { type Instant, SECOND } from '../../shared/time/clock.ts';
import { guarantee } from './guarantee.ts';

/** What nothing befell leaves nothing behind that others have to wait for. */
export const keysAreGivenBack = guarantee('liveness: a key is given back', (evidence, broken) => {
  const { sim } = evidence.world;
  /** The leases that each process has taken since it began after the last fault. */
  const taken = new Map<string, { readonly pk: string; readonly sk: string; readonly token: string }[]>();
  evidence.onChange(({ pk, sk, before, after }) => {
    const token = after?.['token'];
    if (!sk.startsWith('LEASE#') || typeof token !== 'string' || token === before?.['token']) return;
    const process = evidence.invocations.writerOf(pk, sk)?.process;
    if (process !== undefined) taken.get(process)?.push({ pk, sk, token });
  });
  evidence.onSeen((seen) => {
    if (seen.kind === 'invocation') {
      if (sim.faults === 'off') taken.set(seen.process, []);
    } else if (seen.kind === 'answer') {
      evidence.catchUp();
      for (const { pk, sk, token } of taken.get(seen.process) ?? []) {
        const lease = evidence.item(pk, sk);
        if (lease?.['token'] !== token || !(Number(lease['heldUntil']) > sim.now())) continue;
        const holder = String(lease['holder']);
        broken(`${seen.process} has ended, and keeps the key of ${pk} (${holder}) until it runs out`);
      }
      taken.delete(seen.process);
    }
  });
  return undefined;
});

const AT_QUEUES: ReadonlySet<FunctionName> = new Set([
  'check-dispatcher',
  'account-check',
  'trade-copier',
  'copy-worker',
]);
/** Whoever does nothing for so long is not at work on a message. */
const AT_WORK_MS = 30 * SECOND;

/** Whatever was sent was worked off, or given up and sent on until it was. */
export const queuesAreEmpty = guarantee('liveness: no message is left', (evidence) => {
  const { world } = evidence;
  let workedAt: Instant = Number.NEGATIVE_INFINITY;
  evidence.onSeen(({ process }, at) => {
    const fn = evidence.invocations.of(process)?.fn;
    if (fn !== undefined && AT_QUEUES.has(fn)) workedAt = at;
  });
  return () => {
    if (world.sim.now() - workedAt < AT_WORK_MS) return undefined;
    for (const { name, counts } of world.queues) {
      const { available, inFlight, delayed } = counts();
      const left = available + inFlight + delayed;
      if (left > 0) return `${left} messages are left in ${name}: ${inFlight} of them were received`;
    }
    return undefined;
  };
});
