import { type Finding, SEVERITIES } from '../../shared/reporting/contract/finding.ts';
import { zControlAnswer } from '../answers/control-answer.ts';
import { type AddCommand, examples, noOptions } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT_CODES } from '../outcome.ts';
import { counted } from '../screen/figures.ts';
import type { Shown } from '../screen/shown.ts';
import { call } from '../transport/functions.ts';
import { everyPage } from '../transport/view.ts';
import { findingsBlock } from './findings-block.ts';

export const addDoctor: AddCommand = (program, does) => {
  program
    .command('doctor')
    .summary('what is wrong with the set-up, each with its remedy')
    .description(
      'Looks at what the ledger knows of keys, checks, masters, switches and unfinished work; on a stage also at what the AWS account lacks. It changes nothing and asks no exchange: nija check does.',
    )
    .addHelpText(
      'after',
      `\nEnds with 1 where something is wrong (critical or warning).\n${examples('doctor', 'doctor --stage prod --json')}`,
    )
    .action(
      does(noOptions, async (context) => {
        const found = await Promise.all([answering(context), recorded(context), ofAccount(context)]);
        return shownOf(context, found.flat());
      }),
    );
};

/** Whether switches can be set: in an emergency that comes first. */
const answering = async ({ functions, progress }: Context): Promise<readonly Finding[]> => {
  try {
    const asked = call(functions, 'control', { action: 'status' }, zControlAnswer);
    await progress.during(() => 'asking whether switches can be set', asked);
    return [];
  } catch (error) {
    return [notAnswering('control', 'Buying cannot be halted by it', error)];
  }
};

const recorded = async ({ functions, progress }: Context): Promise<readonly Finding[]> => {
  let covered = '';
  try {
    const pages = await progress.during(
      () => `reading the ledger${covered}`,
      everyPage(functions, 'doctor', { limit: 100 }, (some, all) => {
        covered = `: ${some} of ${all} accounts`;
      }),
    );
    return unique(pages.flatMap((page) => page.findings));
  } catch (error) {
    return [notAnswering('view', 'What the ledger knows is not seen here', error)];
  }
};

/** What concerns all accounts is found with each page. */
const unique = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(findings.map((one) => [JSON.stringify([one.code, one.accountId, one.what]), one])).values(),
];

const ofAccount = async ({ stage, progress }: Context): Promise<readonly Finding[]> => {
  if (stage === 'local') return [];
  const { deployedSetup } = await import('../transport/deployed-setup.ts');
  return await progress.during(() => 'looking at the AWS account', deployedSetup(stage));
};

const notAnswering = (name: string, what: string, error: unknown): Finding => {
  if (!(error instanceof CommandFailed)) throw error;
  return {
    severity: 'critical',
    code: `${name.toUpperCase()}_FAILS`,
    what: `${what}: ${name} failed (${error.code}).`,
    remedy: error.message,
  };
};

const shownOf = ({ functions }: Context, findings: readonly Finding[]): Shown => {
  const sorted = [...findings].sort(
    (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
  );
  const wrong = sorted.filter(({ severity }) => severity !== 'info').length;
  return {
    exitCode: wrong === 0 ? EXIT_CODES.done : EXIT_CODES.failed,
    document: { target: functions.target, findings: sorted },
    blocks: [
      ...(sorted.length === 0 ? [] : [findingsBlock(sorted)]),
      wrong === 0
        ? { kind: 'text', tone: 'good', text: `Nothing is wrong with ${functions.target}.` }
        : {
            kind: 'text',
            tone: 'bad',
            text: `${counted(wrong, 'thing is', 'things are')} wrong with ${functions.target}.`,
          },
    ],
  };
};
