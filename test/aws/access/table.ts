/**
 * Reads a table as it is written in a test: the first line names the columns, each other line begins with its
 * own name. A cell holds letters, each a thing that is allowed, or a dot where nothing is.
 */
export const readTable = (text: string): ReadonlyMap<string, ReadonlyMap<string, string>> => {
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
