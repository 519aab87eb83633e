/** What a message says of one kind: whole, or as its heading alone. */
export interface Block {
  readonly heading: string;
  readonly whole: string;
}

const CUT = ' …';

/** Every heading, and as many of the first blocks as a whole as there is room for: no kind is left out. */
export const fitting = (first: string, blocks: readonly Block[], most: number): string => {
  const short = blocks.map(({ heading }) => `\n${heading}${CUT}`);
  let room = most - first.length - short.join('').length;
  const told = blocks.map(({ whole }, at) => {
    const heading = short[at] ?? '';
    const full = `\n\n${whole}`;
    if (full.length - heading.length > room) return heading;
    room -= full.length - heading.length;
    return full;
  });
  return first + told.join('');
};
