import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { PROJECT } from '../../infra/bundle/bundle.ts';
import { FUNCTION_NAMES } from '../../infra/functions/specs.ts';
import { FULL } from './stacks/synthesised.ts';

const CDK = join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const CHECKED_APP = 'node test/aws/checked-app.ts';
/** Nothing listens there, so whatever asks the network fails. */
const NOWHERE = 'http://127.0.0.1:9';

const zConstructs = z.array(z.looseObject({ constructPath: z.string() }));
const zReport = z.object({
  pluginReports: z
    .array(
      z.looseObject({
        pluginName: z.string(),
        violations: z.array(
          z.looseObject({ ruleName: z.string(), description: z.string(), violatingConstructs: zConstructs }),
        ),
        suppressedViolations: z
          .array(
            z.looseObject({ ruleName: z.string(), reason: z.string(), violatingConstructs: zConstructs }),
          )
          .default([]),
      }),
    )
    .default([]),
});

interface Synthesis {
  readonly code: number | null;
  readonly printed: string;
  readonly folder: string;
  readonly report: z.infer<typeof zReport> | undefined;
}

const root = mkdtempSync(join(tmpdir(), 'nija-synth-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** `cdk synth` as an operator or CI runs it, without a network, credentials or a home. */
const cdkSynth = async (name: string, ...options: readonly string[]): Promise<Synthesis> => {
  const folder = join(root, name);
  const child = spawn(process.execPath, [CDK, 'synth', '--quiet', '--output', folder, ...options], {
    cwd: PROJECT,
    env: {
      PATH: process.env['PATH'],
      HOME: root,
      CI: 'true',
      NO_COLOR: '1',
      HTTP_PROXY: NOWHERE,
      HTTPS_PROXY: NOWHERE,
      http_proxy: NOWHERE,
      https_proxy: NOWHERE,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const file = join(folder, 'validation-report.json');
  const report = existsSync(file) ? zReport.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
  return { code, printed, folder, report };
};

const stacksIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => file.replace('.template.json', ''))
    .sort();

/** What no operator could deploy, or would have to explain. */
const findings = ({ report }: Synthesis): readonly string[] =>
  (report?.pluginReports ?? []).flatMap(({ pluginName, violations }) =>
    violations.map(
      ({ ruleName, violatingConstructs }) =>
        `${pluginName} ${ruleName} ${violatingConstructs.map(({ constructPath }) => constructPath).join(' ')}`,
    ),
  );

const STAGES = [
  {
    what: 'a stage with masters, as it is configured',
    options: ['-c', 'stage=dev', '-c', 'alarmEmail=ops@example.com'],
    warnings: [],
    stacks: ['console', 'copy', 'data', 'master', 'observability', 'operators', 'user'].map(
      (name) => `nija-dev-${name}`,
    ),
  },
  {
    what: 'a stage without masters and without an address for alarms, as it is configured',
    options: ['-c', 'stage=prod'],
    warnings: [
      {
        finding: 'Construct Annotations Annotation::nija:nobody-is-told nija-prod-data',
        text: 'nobody is told of the alarms of prod: set alarmEmail in stages.json',
      },
    ],
    stacks: ['console', 'copy', 'data', 'observability', 'operators', 'user'].map(
      (name) => `nija-prod-${name}`,
    ),
  },
  {
    what: 'a stage that uses every setting',
    options: ['--app', CHECKED_APP, '-c', `settings=${JSON.stringify(FULL)}`],
    warnings: [],
    stacks: ['console', 'copy', 'data', 'master', 'notify', 'observability', 'operators', 'user'].map(
      (name) => `nija-checked-${name}`,
    ),
  },
] as const;

describe.each(STAGES)('$what', ({ what, options, stacks, warnings }) => {
  let synthesis: Synthesis;

  beforeAll(async () => {
    synthesis = await cdkSynth(what.replaceAll(/\W+/g, '-'), ...options);
  });

  test('synthesises without a network', () => {
    expect(synthesis.printed).not.toMatch(/error/i);
    expect(synthesis.code).toBe(0);
    expect(stacksIn(synthesis.folder)).toEqual([...stacks, 'nija-test-event-registry']);
  });

  test('has no finding of the AwsSolutions rules and none of the schemas, and says what an operator should know', () => {
    expect(synthesis.report?.pluginReports.map(({ pluginName }) => pluginName)).toContain('AwsSolutions');
    expect(findings(synthesis)).toEqual(warnings.map(({ finding }) => finding));
    for (const { text } of warnings) expect(synthesis.printed).toContain(text);
  });

  test('says of everything that is meant to be so, why', () => {
    const acknowledged = (synthesis.report?.pluginReports ?? []).flatMap(
      ({ suppressedViolations }) => suppressedViolations,
    );

    expect(acknowledged.length).toBeGreaterThan(0);
    for (const { ruleName, reason } of acknowledged) expect(reason, ruleName).toMatch(/^.{30,}\.$/);
  });
});

test('what is deployed are the bundles: one file for each function of a stage without channels', async () => {
  const folder = join(root, STAGES[0].what.replaceAll(/\W+/g, '-'));
  const assets = readdirSync(folder).filter((name) => name.startsWith('asset.'));

  expect(assets).toHaveLength(FUNCTION_NAMES.filter((name) => name !== 'notify').length);
  for (const asset of assets) expect(readdirSync(join(folder, asset))).toEqual(['index.mjs']);
});

describe('the checks refuse, and name nothing that is right beside it:', () => {
  const placesOf = (synthesis: Synthesis) =>
    new Set(findings(synthesis).map((finding) => finding.split(' ').at(-1)));
  const flawed = async (flaw: string) =>
    await cdkSynth(`flaw-${flaw}`, '--app', CHECKED_APP, '-c', `flaw=${flaw}`);

  test('a property that CloudFormation would not take', async () => {
    const synthesis = await flawed('schema');

    expect(findings(synthesis)).toContain('CloudFormation Validate F3012 flawed/Logs');
    expect(placesOf(synthesis)).toEqual(new Set(['flawed/Logs']));
    expect(synthesis.printed).toContain("'a month' is not of type 'integer'");
    expect(synthesis.code).not.toBe(0);
  });

  test('a resource that the AwsSolutions rules do not let pass', async () => {
    const synthesis = await flawed('rule');

    expect(findings(synthesis)).toContain('AwsSolutions AwsSolutions-SQS4 flawed/Queue');
    expect(placesOf(synthesis)).toEqual(new Set(['flawed/Queue']));
    expect(synthesis.code).not.toBe(0);
  });
});
