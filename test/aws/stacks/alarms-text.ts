import { alarmsOf, compositesOf, type ReadAlarm, type ReadMetric } from './alarm-reading.ts';
import type { SynthesisedStage } from './synthesised.ts';

const WIDTH = 108;
const LABEL = 10;

/** What watches a stage: what a reviewer reads when an alarm changes. */
export const alarmsText = (stage: SynthesisedStage): string => {
  const composites = compositesOf(stage);
  const tellers = (name: string): readonly string[] =>
    composites.filter(({ of }) => of.includes(name)).map((composite) => composite.name);
  return [
    `# What watches stage ${stage.configuration.stage}`,
    ...alarmsOf(stage)
      .toSorted((one, other) => one.id.localeCompare(other.id, 'en'))
      .flatMap((alarm) => ['', `## ${alarm.id}`, '', ...alarmLines(alarm, tellers(alarm.name))]),
    ...composites.flatMap(({ name, description, tells, of }) => [
      '',
      `## ${name}, a composite`,
      '',
      ...entry('stands for', of.map(idIn(stage)).toSorted().join(', ')),
      ...entry('tells', tells.map(topicOf).join(', ')),
      ...entry('says', description),
    ]),
    '',
  ].join('\n');
};

const idIn =
  (stage: SynthesisedStage) =>
  (name: string): string =>
    name.replace(`nija-${stage.configuration.stage}-`, '');

const alarmLines = (alarm: ReadAlarm, composites: readonly string[]): readonly string[] => [
  ...(alarm.expression === undefined ? [] : entry('watches', alarm.expression)),
  ...alarm.metrics.flatMap((metric) =>
    entry(alarm.expression === undefined ? 'watches' : `  ${metric.id}`, metricText(metric)),
  ),
  ...entry('goes off', conditionText(alarm)),
  ...entry('tells', [...alarm.tells.map((arn) => `${topicOf(arn)} at once`), ...composites].join(', ')),
  ...entry('means', alarm.means),
  ...entry('first', alarm.first),
];

const metricText = ({ namespace, name, dimensions, statistic }: ReadMetric): string => {
  const of = Object.entries(dimensions)
    .map(([dimension, value]) => `${dimension}=${value}`)
    .toSorted()
    .join(' ');
  return `${statistic} of ${namespace} ${name}${of === '' ? '' : ` ${of}`}`;
};

const conditionText = ({ below, threshold, metrics, periods, datapoints, missing }: ReadAlarm): string => {
  const seconds = metrics[0]?.period ?? 0;
  return `${below ? 'below' : 'at'} ${threshold}${below ? '' : ' or more'}, in ${datapoints} of ${periods} periods of ${seconds} s; no figures: ${missing}`;
};

const topicOf = (arn: string): string => `topic ${arn.slice(arn.lastIndexOf(':') + 1)}`;

/** A label and a text, wrapped under itself. */
const entry = (label: string, text: string): readonly string[] => {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + word.length + 1 > WIDTH - LABEL) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  lines.push(current);
  return lines.map((one, at) => `    ${(at === 0 ? label : '').padEnd(LABEL)} ${one}`);
};
