import { expect, test } from 'vitest';
import { FULL, type SynthesisedStage, synthesised } from './synthesised.ts';

const full = synthesised(FULL);
const withoutMasters = synthesised({ ...FULL, masters: [] });

const names = ({ stacks }: SynthesisedStage): readonly string[] => stacks.map(({ name }) => name).sort();
const after = ({ stacks }: SynthesisedStage, name: string): readonly string[] =>
  stacks.find((stack) => stack.name === name)?.after ?? ['(there is no such stack)'];

/**
 * What a plane's template may not so much as mention: the other planes' functions, stacks, queues and secrets.
 * Figures of another plane are named without the stage; items of masters, which control switches and
 * trade-copier reads again for a redrive, by their keys.
 */
const FOREIGN: Readonly<Record<string, RegExp>> = {
  'nija-dev-user':
    /nija-dev-(operators|view|dashboard|statement|notify|master|copy|trade-copier|copies)|secret:nija\/dev\/master|"m-[a-z]/,
  'nija-dev-copy':
    /nija-dev-(master|user|exit|adopt|balance|control|register|notify)|secret:nija\/dev\/(master|notify)/,
  'nija-dev-master':
    /nija-dev-(user|copy|copies|exit|adopt|balance|control|register-user|trade|notify)|secret:nija\/dev\/(user|notify)|"u-\*/,
  'nija-dev-notify':
    /nija-dev-(operators|view|user|copy|copies|exit|adopt|balance|control|register|master|trade)|secret:nija\/dev\/(user|master)|"[um]-\*/,
};

test('a stage has its stacks by lifetime and blame', () => {
  expect(names(full)).toEqual([
    'nija-dev-console',
    'nija-dev-copy',
    'nija-dev-data',
    'nija-dev-master',
    'nija-dev-notify',
    'nija-dev-observability',
    'nija-dev-operators',
    'nija-dev-user',
    'nija-test-event-registry',
  ]);
});

test('a stage without masters has no master plane, and lacks nothing else', () => {
  expect(names(withoutMasters)).toEqual(names(full).filter((name) => name !== 'nija-dev-master'));
});

test.each([
  'nija-dev-user',
  'nija-dev-copy',
  'nija-dev-master',
  'nija-dev-notify',
  'nija-dev-operators',
])('%s needs the data alone', (plane) => {
  expect(after(full, plane)).toEqual(['nija-dev-data']);
});

test('the data needs nothing', () => {
  expect(after(full, 'nija-dev-data')).toEqual([]);
});

test.each(Object.keys(FOREIGN))('%s mentions no resource of another plane', (plane) => {
  const template = JSON.stringify(full.template(plane));
  const [mentioned] = (FOREIGN[plane] ?? /^/).exec(template) ?? [];

  expect(mentioned).toBeUndefined();
});

test('a stage without channels has nothing of notices, and lacks nothing else', () => {
  const untold = synthesised({ ...FULL, notify: [] });

  expect(names(untold)).toEqual(names(full).filter((name) => name !== 'nija-dev-notify'));
});

test.each([
  'nija-dev-user',
  'nija-dev-copy',
  'nija-dev-data',
])('%s is the same with and without masters', (stack) => {
  const of = (own: SynthesisedStage) => own.resources.filter((resource) => resource.stack === stack);

  expect(of(full).length).toBeGreaterThan(10);
  expect(of(withoutMasters)).toEqual(of(full));
});

test('stacks are tied by weak references, so that none holds another when it changes', () => {
  const texts = full.stacks.map(({ name }) => JSON.stringify(full.template(name)));

  expect(texts.filter((text) => text.includes('Fn::ImportValue') || text.includes('"Export"'))).toEqual([]);
});
