/** What a JSON value looks like, values aside: `{"a": "string", "b": ["number"]}`. */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'null'
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Shape> }
  /** Entries under free names, all alike: ids of orders, of pairs. */
  | { readonly kind: 'table'; readonly entry: readonly Shape[] }
  /** Fixed places, each with its own type. */
  | { readonly kind: 'tuple'; readonly places: readonly Shape[] }
  | { readonly kind: 'list'; readonly entry: readonly Shape[] };

export interface Reading {
  /** Objects whose keys are data, by path (`result.open`): their entries are compared, not their keys. */
  readonly tables: readonly string[];
  /** Arrays of one kind of entry, by path (`result.*`); all others are tuples. */
  readonly lists: readonly string[];
}

const matches = (paths: readonly string[], path: string): boolean => paths.includes(path);

export const shapeOf = (value: unknown, reading: Reading, path = ''): Shape => {
  const inside = (name: string): string => (path === '' ? name : `${path}.${name}`);
  if (value === null) return 'null';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return typeof value as 'string' | 'number' | 'boolean';
  }
  if (Array.isArray(value)) {
    const entries = value.map((entry) => shapeOf(entry, reading, inside('[]')));
    if (matches(reading.lists, path)) return { kind: 'list', entry: distinct(entries) };
    return { kind: 'tuple', places: entries };
  }
  if (typeof value === 'object') {
    if (matches(reading.tables, path)) {
      return {
        kind: 'table',
        entry: distinct(Object.values(value).map((entry) => shapeOf(entry, reading, inside('*')))),
      };
    }
    return {
      kind: 'object',
      fields: new Map(
        Object.entries(value).map(([name, field]) => [name, shapeOf(field, reading, inside(name))]),
      ),
    };
  }
  throw new TypeError(`${path} is not JSON`);
};

const written = (shape: Shape): string =>
  JSON.stringify(shape, (_, value: unknown) => (value instanceof Map ? [...value].sort() : value));

const distinct = (shapes: readonly Shape[]): readonly Shape[] => [
  ...new Map(shapes.map((shape) => [written(shape), shape])).values(),
];

/** Every difference as `path: what`; empty where the shapes agree. */
export const differences = (
  real: readonly Shape[],
  ours: readonly Shape[],
  path: string,
): readonly string[] => {
  const found = new Set<string>();
  // Entries of the real answer may vary among themselves: ours must fit at least one of them.
  for (const our of ours) {
    const tries = real.map((candidate) => compare(candidate, our, path));
    const best = tries.sort((one, other) => one.length - other.length)[0];
    for (const difference of best ?? []) found.add(difference);
  }
  return [...found];
};

const nameOf = (shape: Shape): string => (typeof shape === 'string' ? shape : shape.kind);

const compare = (real: Shape, ours: Shape, path: string): readonly string[] => {
  if (typeof real === 'string' || typeof ours === 'string' || real.kind !== ours.kind) {
    return nameOf(real) === nameOf(ours) ? [] : [`${path}: ${nameOf(real)} there, ${nameOf(ours)} here`];
  }
  if (real.kind === 'object' && ours.kind === 'object') {
    const found: string[] = [];
    for (const [name, field] of real.fields) {
      const own = ours.fields.get(name);
      if (own === undefined) found.push(`${path}.${name}: missing here`);
      else found.push(...compare(field, own, `${path}.${name}`));
    }
    for (const name of ours.fields.keys()) {
      if (!real.fields.has(name)) found.push(`${path}.${name}: only here`);
    }
    return found;
  }
  if (real.kind === 'tuple' && ours.kind === 'tuple') {
    if (real.places.length !== ours.places.length) {
      return [`${path}: ${real.places.length} places there, ${ours.places.length} here`];
    }
    return real.places.flatMap((place, index) => {
      const own = ours.places[index];
      return own === undefined ? [] : compare(place, own, `${path}[${index}]`);
    });
  }
  if ((real.kind === 'table' || real.kind === 'list') && (ours.kind === 'table' || ours.kind === 'list')) {
    if (real.entry.length > 0 && ours.entry.length === 0) return [`${path}: empty here`];
    return differences(real.entry, ours.entry, `${path}.*`);
  }
  return [];
};
