/** By line, by column: the letters of what is allowed. */
export type AccessTable = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Reads a table as it is written in a test: the first line names the columns, each other line begins with its
 * own name. A cell holds letters, each a thing that is allowed, or a dot where nothing is.
 */
export const readTable = (text: string): AccessTable => {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const [[, ...columns] = [], ...rows] = lines;
  return new Map(
    rows.map(([name = '', ...cells]) => {
      if (cells.length !== columns.length)
        throw new Error(`a line has another number of cells than there are columns (given '${name}')`);
      return [name, new Map(columns.map((column, at) => [column, (cells[at] ?? '.').replace('.', '')]))];
    }),
  );
};

/** The letters of `actions` that the function is really allowed, in their order. */
export const lettersAllowed = async (
  actions: Readonly<Record<string, string>>,
  allowed: (action: string) => Promise<boolean>,
): Promise<string> => {
  const letters = await Promise.all(
    Object.entries(actions).map(async ([letter, action]) => ((await allowed(action)) ? letter : '')),
  );
  return letters.join('');
};

const inOrder = (letters: string, actions: Readonly<Record<string, string>>): string =>
  Object.keys(actions)
    .filter((letter) => letters.includes(letter))
    .join('');

/** What the table says of the function, in the order of `actions`. */
export const expected = (
  table: AccessTable,
  name: string,
  columns: readonly string[],
  actions: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(columns.map((column) => [column, inOrder(table.get(name)?.get(column) ?? '', actions)]));

/** By column: what `measure` finds. */
export const measured = async (
  columns: readonly string[],
  measure: (column: string) => Promise<string>,
): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    await Promise.all(columns.map(async (column) => [column, await measure(column)] as const)),
  );
