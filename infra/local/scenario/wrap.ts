/** The text broken between words into lines of at most that width; a longer word has a line of its own. */
export const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
};

/** The text beside its title, all of its lines aligned. */
export const beside = (title: string, text: string, width: number): string =>
  wrap(text, width - title.length)
    .map((line, index) => (index === 0 ? title : ' '.repeat(title.length)) + line)
    .join('\n');
