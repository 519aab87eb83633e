import { MINUTE } from '../../../shared/time/clock.ts';
import { Lambda, type SimFunction } from '../../../simulation/kernel/lambda.ts';
import type { Process } from '../../../simulation/kernel/process.ts';
import { faultyProfiles } from '../../../simulation/kernel/profiles.ts';
import type { RunSeed, SeedResult } from '../../../simulation/kernel/seed-run.ts';
import { Sim } from '../../../simulation/kernel/sim.ts';
import { startSimSchedule } from '../../../simulation/kernel/sources/schedule.ts';
import { storeCall, throughPoints } from '../../../simulation/kernel/through-points.ts';

/** How a transfer is written: in one conditional write, or, the planted bug, its two halves one by one. */
export type Protocol = 'one write' | 'two writes';

interface Transfer {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

class PutCommand {
  readonly input: { readonly apply: (bank: Bank) => void; readonly key: string };
  constructor(key: string, apply: (bank: Bank) => void) {
    this.input = { key, apply };
  }
}
class GetCommand {
  readonly input: { readonly key: string };
  constructor(key: string) {
    this.input = { key };
  }
}

/** A store of balances in cents and of transfers that are done. */
class Bank {
  readonly balances = new Map([
    ['ann', 1_000],
    ['ben', 1_000],
  ]);
  readonly done = new Set<string>();

  send(command: object): Promise<{ done: boolean }> {
    if (command instanceof PutCommand) command.input.apply(this);
    const key = command instanceof GetCommand ? command.input.key : '';
    return Promise.resolve({ done: this.done.has(key) });
  }

  add(who: string, amount: number): void {
    this.balances.set(who, (this.balances.get(who) ?? 0) + amount);
  }

  get total(): number {
    return [...this.balances.values()].reduce((sum, balance) => sum + balance, 0);
  }
}

const transferFunction = (
  bank: Bank,
  protocol: Protocol,
  waiting: ReadonlyMap<string, Transfer>,
): SimFunction => ({
  name: 'transfer',
  version: 'v1',
  timeoutMs: 30_000,
  create: (process: Process) => {
    const client = throughPoints(bank, process, storeCall);
    const move = async ({ id, from, to, amount }: Transfer): Promise<void> => {
      if ((await client.send(new GetCommand(id))).done) return;
      if (protocol === 'one write') {
        await client.send(
          new PutCommand(id, (store) => {
            if (store.done.has(id)) return;
            store.done.add(id);
            store.add(from, -amount);
            store.add(to, amount);
          }),
        );
        return;
      }
      await client.send(new PutCommand(from, (store) => store.add(from, -amount)));
      await client.send(new PutCommand(to, (store) => store.add(to, amount)));
      await client.send(new PutCommand(id, (store) => store.done.add(id)));
    };
    return async (): Promise<unknown> => {
      for (const transfer of waiting.values()) await move(transfer);
      return 'done';
    };
  },
});

/** A bank whose transfers are made by a function over a faulty store, made again until they are done. */
export const toyBank =
  (protocol: Protocol): RunSeed =>
  async ({ seed, steps, allow }): Promise<SeedResult> => {
    const startAt = Date.UTC(2026, 0, 5);
    const sim = new Sim({ seed, startAt, profiles: faultyProfiles, ...(allow && { allow }) });
    const bank = new Bank();
    const waiting = new Map<string, Transfer>();
    const lambda = new Lambda(sim);
    lambda.deploy([{ fn: transferFunction(bank, protocol, waiting), share: 1 }]);
    startSimSchedule({
      sim,
      lambda,
      name: 'transfers',
      functionName: 'transfer',
      rateMs: MINUTE,
      startAt,
      input: () => ({}),
    });
    sim.observe(() => {
      for (const id of waiting.keys()) if (bank.done.has(id)) waiting.delete(id);
    });

    const teller = sim.random.split('teller');
    for (let step = 1; step <= steps; step += 1) {
      const amount = teller.whole(1, 50);
      await sim.run(sim.now() + teller.whole(1_000, 40_000));
      const id = `t-${step}`;
      if (sim.acts('teller', `${id}: ${amount} from ann to ben`))
        waiting.set(id, { id, from: 'ann', to: 'ben', amount });
    }
    sim.faults = 'off';
    await sim.run(sim.now() + 10 * MINUTE);

    const conserved = bank.total === 2_000;
    return {
      simulatedMs: sim.now() - startAt,
      events: sim.events,
      hash: sim.trace.hash,
      deviations: sim.choices.taken,
      ...(waiting.size === 0 && conserved
        ? {}
        : {
            violation: {
              invariant: conserved ? 'every transfer is done' : 'no money appears or vanishes',
              message: `balances add up to ${bank.total} (given 2000), ${waiting.size} transfers wait`,
              at: sim.now(),
            },
          }),
      trace: () => sim.trace.render(),
    };
  };
