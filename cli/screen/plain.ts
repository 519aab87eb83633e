/**
 * C0 and C1 controls, and the marks that turn the direction of writing or hide: a name or a message from outside
 * must not move the cursor, colour the screen, or look like another.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text as a terminal may show it, on one line. */
export const plain = (text: string): string =>
  text
    .replaceAll(/[\r\n\t]+/g, ' ')
    .replaceAll(UNSEEN, '')
    .trim();

/** The document as JSON that no terminal takes for commands: the same document to whoever parses it. */
export const safeJson = (document: unknown): string =>
  JSON.stringify(document, null, 2).replaceAll(UNSEEN, (found) => (found === '\n' ? found : escaped(found)));

/** Unit by unit, as JSON has it: some marks take two. */
const escaped = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
