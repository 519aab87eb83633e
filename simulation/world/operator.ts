import * as z from 'zod';
import { receiptHandle } from '../../infra/local/aws/sqs/receipt.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import type { InvocationEnd } from '../kernel/lambda.ts';
import type { Random } from '../kernel/random.ts';
import type { Staged } from './make-world.ts';
import { TICK_EVERY_MS } from './sources.ts';
import type { Member } from './world.ts';

/** Who registers accounts, and sends on what was given up. */
export class Operator {
  readonly #staged: Staged;
  readonly #random: Random;

  constructor(staged: Staged) {
    this.#staged = staged;
    this.#random = staged.world.sim.random.split('operator');
  }

  /** Until it is done, trying again as people do. A master's ticks begin with it. */
  async register(member: Member): Promise<void> {
    const { world, parts, sources } = this.#staged;
    const { accountId, role } = member;
    const settings = parts.get(member)?.settings ?? {};
    const random = this.#random.split(`registers ${accountId}`);
    const fn = role === 'master' ? 'register-master' : 'register-user';
    const end = await this.#untilDone(random, () =>
      world.call(fn, { accountId, exchange: 'kraken', ...settings }),
    );
    if (end.state === 'FAILED') {
      world.sim.note('operator', `gives up registering ${accountId}`, end.message);
      return;
    }
    member.registeredAt ??= world.sim.now();
    if (role === 'master')
      sources.scheduleMaster(accountId, world.sim.now() + random.whole(0, TICK_EVERY_MS));
  }

  /** Looks at the dead letters now and then, for ever. */
  watchDeadLetters(): void {
    const { sim } = this.#staged.world;
    sim.after(this.#random.whole(LOOKS_EVERY_MS.from, LOOKS_EVERY_MS.to), () => {
      this.#sendOn();
      this.watchDeadLetters();
    });
  }

  #sendOn(): void {
    const { world, platform } = this.#staged;
    const { lostTrades } = platform;
    world.redriveDeadLetters();
    const letters = lostTrades.receive(MOST_LETTERS);
    for (const message of letters) {
      const { DDBStreamBatchInfo } = zLostTrades.parse(JSON.parse(message.body));
      world.sim.watch(this.#redriveTrades(DDBStreamBatchInfo.approximateArrivalOfFirstRecord));
      lostTrades.delete(receiptHandle(message));
    }
  }

  /** Of every master: the letter does not say whose trades they are. */
  async #redriveTrades(since: string): Promise<void> {
    const { world } = this.#staged;
    for (const { accountId, role, registeredAt } of world.members) {
      if (role !== 'master' || registeredAt === undefined) continue;
      const random = this.#random.split(`redrives ${accountId} ${since}`);
      let redrive: unknown = { masterId: accountId, since };
      for (let part = 1; redrive !== undefined && part <= MOST_PARTS; part += 1) {
        const end = await this.#untilDone(random.at(part), () => world.call('trade-copier', { redrive }));
        redrive = end.state === 'SUCCEEDED' ? zRedriven.parse(end.result).next?.redrive : undefined;
      }
    }
  }

  async #untilDone(random: Random, call: () => Promise<InvocationEnd>): Promise<InvocationEnd> {
    const { sim } = this.#staged.world;
    for (let attempt = 1; ; attempt += 1) {
      const end = await call();
      if (end.state === 'SUCCEEDED' || attempt === MOST_ATTEMPTS) return end;
      await sim.clock.sleep(random.whole(TRIES_AGAIN_MS.from, TRIES_AGAIN_MS.to));
    }
  }
}

const LOOKS_EVERY_MS = { from: 10 * MINUTE, to: 40 * MINUTE };
const TRIES_AGAIN_MS = { from: 10_000, to: 120_000 };
/** Hours: longer than any outage. */
const MOST_ATTEMPTS = 200;
const MOST_LETTERS = 10;
const MOST_PARTS = 20;

const zLostTrades = z.looseObject({
  DDBStreamBatchInfo: z.looseObject({ approximateArrivalOfFirstRecord: z.string() }),
});
const zRedriven = z.looseObject({ next: z.looseObject({ redrive: z.unknown() }).optional() });
