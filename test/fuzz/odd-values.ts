import fc from 'fast-check';

/** Names that every object has by inheritance, and that a look-up without care would find. */
const INHERITED = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

const deep = (levels: number): unknown => {
  let value: unknown = 'bottom';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { inner: value };
  return value;
};

const ODD_TEXTS = [
  '',
  ' ',
  '\n',
  '\u0000',
  '\ud800',
  '\u202eevil',
  '🦀'.repeat(9),
  'A'.repeat(20_000),
  'NaN',
  'Infinity',
  '-Infinity',
  '-0',
  '-1',
  '1e999',
  '1e-999',
  '1e60',
  '9'.repeat(400),
  '0x1F',
  '1,5',
  '٣',
  'null',
  'undefined',
  '[object Object]',
  'u-ann#',
  'u-bob',
  'm-boss',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '0000-01-01T00:00:00Z',
  `2026-01-31T10:15:00.${'1'.repeat(300)}Z`,
  ...INHERITED,
];

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  0.1,
  1e21,
  1e300,
  -1e300,
  5e-324,
  Number.MAX_SAFE_INTEGER,
  [],
  {},
  [[]],
  [null],
  deep(40),
  deep(200),
  JSON.parse('{"__proto__":{"enabled":true}}'),
  JSON.parse('{"constructor":{"prototype":{"x":1}}}'),
  { toString: null, valueOf: null },
  { length: 3 },
];

const oddText = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const oddName = fc.oneof(fc.constantFrom(...INHERITED, '', 'accountId', 'secret'), oddText);

/** What JSON can hold, and little that anybody expects. */
export const oddJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...ODD_VALUES),
  oddText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.array(fc.oneof(oddText, fc.constantFrom(...ODD_VALUES)), { maxLength: 3 }),
);

type Step = string | number;
type Path = readonly Step[];
const REMOVED = Symbol('removed');

export const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const pathsOf = (value: unknown, at: Path = []): readonly Path[] => [
  at,
  ...(Array.isArray(value)
    ? value.flatMap((inner, index) => pathsOf(inner, [...at, index]))
    : isTable(value)
      ? Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...at, name]))
      : []),
];

const changedAt = (value: unknown, path: Path, change: (old: unknown) => unknown): unknown => {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  const kept = <T>(entries: readonly (readonly [T, unknown])[]) =>
    entries
      .map(([name, inner]) => [name, name === step ? changedAt(inner, rest, change) : inner] as const)
      .filter(([, inner]) => inner !== REMOVED);
  if (Array.isArray(value)) return kept([...value.entries()]).map(([, inner]) => inner);
  return isTable(value) ? Object.fromEntries(kept(Object.entries(value))) : value;
};

/** What happens to one place of a valid value. */
const change: fc.Arbitrary<(old: unknown) => unknown> = fc.oneof(
  oddJson.map((odd) => () => odd),
  fc.constant(() => REMOVED),
  fc.constant((old: unknown) => [old]),
  fc.constant((old: unknown) => (Array.isArray(old) ? [...old, ...old] : { inner: old })),
  fc.constant((old: unknown) =>
    typeof old === 'number' ? String(old) : typeof old === 'string' ? Number(old) : old,
  ),
  fc.constant((old: unknown) => (typeof old === 'string' ? `-${old}` : typeof old === 'number' ? -old : old)),
  fc.tuple(fc.nat(40), oddText).map(([at, text]) => (old: unknown) => {
    if (typeof old !== 'string') return old;
    const place = at % (old.length + 1);
    return old.slice(0, place) + text + old.slice(place + 1);
  }),
  fc
    .nat(40)
    .map(
      (length) => (old: unknown) => (typeof old === 'string' ? old.slice(0, length % (old.length + 1)) : old),
    ),
  fc.tuple(oddName, oddJson).map(
    ([name, odd]) =>
      (old: unknown) =>
        isTable(old) ? Object.fromEntries([...Object.entries(old), [name, odd]]) : old,
  ),
  fc.tuple(fc.nat(20), oddName).map(([which, name]) => (old: unknown) => {
    if (!isTable(old)) return old;
    const entries = Object.entries(old);
    return Object.fromEntries(
      entries.map(([known, inner], index) => [index === which % entries.length ? name : known, inner]),
    );
  }),
);

/** As it comes over a wire: own properties, and nothing that JSON cannot hold. */
export const overTheWire = (value: unknown): unknown => {
  const text = JSON.stringify(value);
  return text === undefined ? null : (JSON.parse(text) as unknown);
};

/** Damage in one to three places, whatever value it is done to. */
export const damages: fc.Arbitrary<(valid: unknown) => unknown> = fc
  .array(fc.tuple(fc.nat(10_000), change), { minLength: 1, maxLength: 3 })
  .map((changes) => (valid: unknown) => {
    const result = changes.reduce<unknown>((now, [place, how]) => {
      const paths = pathsOf(now);
      return changedAt(now, paths[place % paths.length] ?? [], how);
    }, valid);
    return overTheWire(result === REMOVED ? null : result);
  });

/** A valid value, damaged. */
export const damaged = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.tuple(valid, damages).map(([value, damage]) => damage(value));

/** Arbitrary JSON now and then, mostly a valid value with damage, sometimes as it is. */
export const odd = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 8, arbitrary: damaged(valid) },
    { weight: 2, arbitrary: oddJson.map(overTheWire) },
    { weight: 1, arbitrary: valid },
  );
