import type { Pending } from '../channel-state.ts';
import { headlineOf, sectionsOf } from './summary.ts';

/** Slack cuts a text off after 40,000 characters. */
const LONGEST_TEXT = 30_000;

/**
 * For an incoming webhook of Slack. What anybody wrote cannot become a mention, a link or a format: these begin with
 * `<`, `&` or, in marked-down text, with signs that are switched off with `mrkdwn`.
 */
export const slackBody = (message: Pending, stage: string): string => {
  const lines = [
    `Nija ${headlineOf(message, stage)}`,
    ...sectionsOf(message).flatMap(({ severity, title, facts, todo }) => [
      '',
      `[${severity}] ${title}`,
      ...facts.map((fact) => `• ${fact}`),
      `→ ${todo}`,
    ]),
  ];
  return JSON.stringify({
    text: within(lines.map(slackEscaped), LONGEST_TEXT),
    mrkdwn: false,
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  });
};

export const slackEscaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Whole lines, as many as there is room for. */
const within = (lines: readonly string[], most: number): string => {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > most) return [...kept, '…'].join('\n');
    kept.push(line);
  }
  return kept.join('\n');
};
