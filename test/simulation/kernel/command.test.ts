import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { simulateOptions } from '../../../simulation/command/options.ts';

const MAIN = fileURLToPath(new URL('../../../simulation/main.ts', import.meta.url));
const world = (name: string) => ['--world', fileURLToPath(new URL(`./${name}.ts`, import.meta.url))];

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command; with `stop`, until the text has been written, then Ctrl-C. */
const simulate = (args: readonly string[], stop?: string): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args]);
    let [out, err, stopped] = ['', '', false];
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
      if (stop === undefined || stopped || !err.includes(stop)) return;
      stopped = true;
      child.kill('SIGINT');
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });

describe('npm run simulate', () => {
  it('tells what was done, and ends with 0 when every guarantee held', async () => {
    const { code, out } = await simulate(['--seeds', '12', '--steps', '5', ...world('toy-sound-world')]);

    expect(out).toMatch(
      /^12 of 12 seeds, \d+\.\d simulated hours, \d+ events, [\d.]+ seeds\/s, 0 violations\n$/,
    );
    expect(code).toBe(0);
  });

  it('tells of a seed that breaks a guarantee its shortest history and how to run it again, and ends with 1', async () => {
    const { code, out } = await simulate(['--seeds', '12', '--steps', '12', ...world('toy-planted-world')]);

    expect(out).toMatch(/seed \d+ breaks 'no money appears or vanishes': balances add up to \d+/);
    expect(out).toMatch(/shortest history found \(\d+ deviations? of \d+, \d+ runs\):\n {2}teller#/);
    expect(out).toMatch(/\n0:\d\d:\d\d\.\d{3} {2}transfer@v1\.\d+#\d+ +store Put/);
    const again = /npm run simulate -- (--seed \d+ --steps 12)/.exec(out)?.[1]?.split(' ') ?? [];
    const alone = await simulate([...again, ...world('toy-planted-world')]);
    expect([code, alone.code]).toEqual([1, 1]);
    expect(out).toContain(alone.out.slice(0, alone.out.indexOf('what happened:')));
  });

  it('stopped by Ctrl-C tells what was done until then', async () => {
    const { code, out } = await simulate(
      ['--seeds', '1000000', ...world('toy-sound-world')],
      'Ctrl-C stops and tells what was done',
    );

    expect(out).toMatch(/^stopped: \d+ of 1000000 seeds/);
    expect(code).toBe(130);
  });

  it('says what is wrong with a world, and with its options', async () => {
    const noWorld = await simulate(['--seeds', '1', ...world('made')]);
    const noOption = await simulate(['--sedes', '1']);

    expect([noWorld.code, noWorld.err]).toEqual([1, expect.stringContaining('exports no function runSeed')]);
    expect([noOption.code, noOption.err]).toEqual([2, expect.stringContaining("Unknown option '--sedes'")]);
  });

  it('refuses options that exclude each other, and numbers that are none', () => {
    expect(() => simulateOptions(['--seed', '1', '--seeds', '2'])).toThrow('leave --seeds and --from out');
    expect(() => simulateOptions(['--seeds', '0'])).toThrow("(given '0')");
    expect(simulateOptions(['--seed', '7'])).toMatchObject({ from: 7, seeds: 1, workers: 1 });
    expect(simulateOptions([])).toMatchObject({ from: 1, seeds: 1_000, workers: 2, steps: undefined });
  });
});
