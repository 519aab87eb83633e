import { invalid, NotSimulated } from '../errors.ts';
import { tokensOf } from './lexer.ts';

/** A document path: `#name` for each step, or a name that needs none. */
export type Path = readonly [string, ...string[]];

/** Names without `#` that are known not to be among DynamoDB's 573 reserved words. */
const BARE_NAMES = new Set(['pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk', 'lsi1sk', 'written']);

/** The tokens of one expression, read once from left to right; remembers which names and values it uses. */
export class ExpressionReader {
  readonly names = new Set<string>();
  readonly values = new Set<string>();
  readonly #parameter: string;
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string, parameter: string) {
    this.#text = text;
    this.#parameter = parameter;
    this.#tokens = tokensOf(text, parameter);
  }

  peek(ahead = 0): string | undefined {
    return this.#tokens[this.#at + ahead];
  }

  next(): string | undefined {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** Whether the next token is that keyword, in upper or lower case, or that sign; reads it if so. */
  take(token: string): boolean {
    if (this.peek()?.toUpperCase() !== token) return false;
    this.#at += 1;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (this.peek() !== undefined) throw this.syntaxError();
  }

  path(): Path {
    const steps: [string, ...string[]] = [this.#name()];
    while (this.take('.')) steps.push(this.#name());
    if (this.peek() === '[')
      throw new NotSimulated(`a place in a list is not simulated (given '${this.#text}')`);
    return steps;
  }

  value(): string {
    const token = this.next();
    if (token?.startsWith(':') !== true) throw this.syntaxError(-1);
    this.values.add(token);
    return token;
  }

  syntaxError(offset = 0): Error {
    return this.wrong(`Syntax error; token: ${this.peek(offset) ?? '<EOF>'}, near: "${this.#text}"`);
  }

  wrong(message: string): Error {
    return invalid(`Invalid ${this.#parameter}: ${message}`);
  }

  #name(): string {
    const token = this.next();
    if (token === undefined || !/^[#\w]/.test(token)) throw this.syntaxError(-1);
    if (token.startsWith('#')) this.names.add(token);
    else if (!BARE_NAMES.has(token))
      throw new NotSimulated(`write #${token}: a name may be reserved (given '${token}' in '${this.#text}')`);
    return token;
  }
}

/** What parsing an expression gives: the tree, and what it uses of the names and values beside it. */
export interface Parsed<Tree> {
  readonly tree: Tree;
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}

const MOST_REMEMBERED = 2_000;

/** A parser that remembers: the product asks with the same few texts again and again. */
export const remembering = <Tree>(
  parameter: string,
  parse: (reader: ExpressionReader) => Tree,
): ((text: string) => Parsed<Tree>) => {
  const known = new Map<string, Parsed<Tree>>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const reader = new ExpressionReader(text, parameter);
    const tree = parse(reader);
    reader.expectEnd();
    if (known.size === MOST_REMEMBERED) known.clear();
    const parsed = { tree, names: reader.names, values: reader.values };
    known.set(text, parsed);
    return parsed;
  };
};
