/** Bytes travel as base64: `BinaryValue` of a message's attributes is all that has any. */
export const toWire = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return mapped(value, (_name, inner) => toWire(inner));
};

export const fromWire = (value: unknown): unknown =>
  mapped(value, (name, inner) =>
    name === 'BinaryValue' && typeof inner === 'string'
      ? new Uint8Array(Buffer.from(inner, 'base64'))
      : fromWire(inner),
  );

const mapped = (value: unknown, change: (name: string, inner: unknown) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((inner) => change('', inner));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(name, inner)]));
};
