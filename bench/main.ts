import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { bundleFigures } from './bundles.ts';
import { copyLatency, copyThroughput } from './copying.ts';
import { decisionFigures } from './decisions.ts';
import { type Figure, table } from './figures.ts';
import { ledgerFigures } from './ledger.ts';

const USAGE = `Usage: npm run bench -- [options]
Measures copying, latency, bundles, the ledger and the strategy on this machine, in about two minutes.
  --only PART       one of the parts below; may be given several times
  --followers N     of the copying part (default 200)
  --json            the figures as JSON`;

const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      followers: { type: 'string', default: '200' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const followers = Number(values.followers);
  if (!Number.isInteger(followers) || followers < 1 || followers > 1_000)
    throw new TypeError(`--followers is a number from 1 to 1000 (given '${values.followers}')`);
  const parts: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
    decisions: async () => decisionFigures(),
    ledger: ledgerFigures,
    copying: async () => await copyThroughput(followers),
    latency: copyLatency,
    bundles: bundleFigures,
  };
  if (values.help) {
    process.stdout.write(`${USAGE}\nParts: ${Object.keys(parts).join(', ')}\n`);
    return;
  }
  const figures: Figure[] = [];
  for (const name of values.only ?? Object.keys(parts)) {
    const part = parts[name];
    if (part === undefined)
      throw new TypeError(`--only is one of ${Object.keys(parts).join(', ')} (given '${name}')`);
    process.stderr.write(`measuring ${name} …\n`);
    figures.push(...(await part()));
  }
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, Node ${process.version}`;
  process.stdout.write(
    values.json ? `${JSON.stringify({ machine, figures })}\n` : `${machine}\n\n${table(figures)}\n`,
  );
};

await run().catch((error: unknown) => {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
