import { NotSimulated } from '../errors.ts';
import { type ExpressionReader, type Path, remembering } from './reader.ts';

export type SetOperand =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'if-not-exists'; readonly path: Path; readonly otherwise: SetOperand };

export type UpdateAction =
  | { readonly kind: 'set'; readonly path: Path; readonly to: SetOperand }
  | { readonly kind: 'remove'; readonly path: Path }
  | { readonly kind: 'add'; readonly path: Path; readonly value: string };

const SECTIONS: Readonly<Record<string, (reader: ExpressionReader) => UpdateAction>> = {
  SET: (reader) => {
    const path = reader.path();
    reader.expect('=');
    const to = setOperand(reader);
    const sign = reader.peek();
    if (sign === '+' || sign === '-')
      throw new NotSimulated(`calculating in a SET is not simulated: use ADD (given '${sign}')`);
    return { kind: 'set', path, to };
  },
  REMOVE: (reader) => ({ kind: 'remove', path: reader.path() }),
  ADD: (reader) => ({ kind: 'add', path: reader.path(), value: reader.value() }),
};

const update = (reader: ExpressionReader): readonly UpdateAction[] => {
  const actions: UpdateAction[] = [];
  const seen = new Set<string>();
  do {
    const name = reader.next()?.toUpperCase() ?? '';
    const action = SECTIONS[name];
    if (action === undefined) throw reader.syntaxError(-1);
    if (seen.has(name))
      throw reader.wrong(`The "${name}" section can only be used once in an update expression;`);
    seen.add(name);
    do actions.push(action(reader));
    while (reader.take(','));
  } while (reader.peek() !== undefined);
  return actions;
};

const setOperand = (reader: ExpressionReader): SetOperand => {
  if (reader.peek()?.startsWith(':') === true) return { kind: 'value', value: reader.value() };
  if (reader.peek(1) !== '(') return { kind: 'path', path: reader.path() };
  const name = reader.next();
  if (name !== 'if_not_exists') throw new NotSimulated(`that function is not simulated (given '${name}')`);
  reader.expect('(');
  const path = reader.path();
  reader.expect(',');
  const otherwise = setOperand(reader);
  reader.expect(')');
  return { kind: 'if-not-exists', path, otherwise };
};

export const parseUpdate = remembering('UpdateExpression', update);
