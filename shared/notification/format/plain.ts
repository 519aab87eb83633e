import type { Pending } from '../channel-state.ts';
import { headlineOf, sectionsOf } from './summary.ts';

/** SNS takes a subject of less than a hundred ASCII characters, and a text of 256 KB. */
const LONGEST_SUBJECT = 99;

export interface PlainMessage {
  readonly subject: string;
  readonly text: string;
}

/** For e-mail, and the text of a generic webhook. */
export const plainMessage = (message: Pending, stage: string): PlainMessage => ({
  subject: `Nija ${headlineOf(message, stage)}`.slice(0, LONGEST_SUBJECT),
  text: [
    ...sectionsOf(message).map(({ severity, title, facts, todo }) =>
      [`[${severity}] ${title}`, ...facts.map((fact) => `- ${fact}`), `Next: ${todo}`].join('\n'),
    ),
    `Message ${message.id}. The same number again is the same message.`,
  ].join('\n\n'),
});
