/** Text that is HTML already: everything that was put into it is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: texts are escaped, lists are joined, what is absent leaves nothing. */
export type Part = string | number | Html | undefined | readonly Part[];

/** A template would let a value out of its place. A defect of ours, found by the first rendering. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** What is invisible or turns the direction of reading lets one name look like another. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const BREAKS = /[\t\r\n]+/g;

/** For content and for quoted attributes alike. What cannot be seen becomes the mark � that can. */
export const escaped = (value: string): string =>
  value
    .replace(BREAKS, ' ')
    .replace(UNSEEN, '\u{fffd}')
    .replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');

/**
 * A template of HTML. Every value is escaped unless it is `Html` itself; attributes must be quoted.
 *
 * @throws TemplateError for a value outside of quotes in a tag, which escaping could not keep there
 */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) {
    refuseUnquoted(text);
    text += rendered(part) + (strings[index + 1] ?? '');
  }
  return new Html(text);
};

/** Markup of our own, which no value has a part in: a style sheet. */
export const ownMarkup = (text: string): Html => new Html(text);

const rendered = (part: Part): string => {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return escaped(String(part));
  return part.map(rendered).join('');
};

/** Looks at the tag that is not closed yet, if there is one: its quotes must be open. */
const refuseUnquoted = (before: string): void => {
  const tag = before.slice(before.lastIndexOf('<'));
  if (!/^<([a-z!/]|$)/i.test(tag)) return;
  const withoutQuoted = tag.replace(/"[^"]*"/g, '');
  if (withoutQuoted.includes('>') || withoutQuoted.includes('"')) return;
  throw new TemplateError(`a value in a tag must stand in double quotes (given '${tag.slice(-60)}')`);
};
