import type { LogLine } from '../../../infra/local/local-host.ts';
import { powertoolsTelemetry } from '../../../shared/telemetry/powertools/powertools.ts';
import { METRICS, type PlainMetric } from '../../../shared/telemetry/telemetry.ts';

const isMetric = (name: string): name is PlainMetric => METRICS.some((known) => known === name);

/** Powertools warns on the other one. */
const OUTPUTS = [process.stdout, process.stderr] as const;

/** What a function on AWS would have written to its outputs for these lines: Powertools' own text of them. */
export const printedOnAws = (lines: readonly LogLine[]): string => {
  const texts: string[] = [];
  const usual = OUTPUTS.map(({ write }) => write);
  for (const output of OUTPUTS)
    output.write = (text) => {
      texts.push(String(text));
      return true;
    };
  try {
    const byFunction = new Map<string, ReturnType<typeof powertoolsTelemetry>>();
    for (const { function: name, level, message, fields } of lines) {
      const { log, meter } = byFunction.get(name) ?? powertoolsTelemetry(name, 'simulated');
      byFunction.set(name, { log, meter });
      if (level !== 'metric') log.info(message, fields);
      else if (isMetric(message)) meter.count(message, fields);
    }
  } finally {
    for (const [index, output] of OUTPUTS.entries()) output.write = usual[index] ?? output.write;
  }
  return texts.join('');
};
