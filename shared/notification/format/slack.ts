import type { Pending } from '../channel-state.ts';
import { type Block, fitting } from './fitting.ts';
import { headlineOf, type Section, sectionsOf } from './summary.ts';

/** Slack cuts a text off after 40,000 characters. */
const LONGEST_TEXT = 30_000;

/**
 * For an incoming webhook of Slack. What anybody wrote cannot become a mention, a link or a format: these begin with
 * `<`, `&` or, in marked-down text, with signs that are switched off with `mrkdwn`.
 */
export const slackBody = (message: Pending, stage: string): string =>
  JSON.stringify({
    text: fitting(
      slackEscaped(`Nija ${headlineOf(message, stage)}`),
      sectionsOf(message).map(blockOf),
      LONGEST_TEXT,
    ),
    mrkdwn: false,
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  });

const blockOf = ({ severity, title, facts, todo }: Section): Block => {
  const heading = slackEscaped(`[${severity}] ${title}`);
  const rest = [...facts.map((fact) => `• ${fact}`), `→ ${todo}`].map(slackEscaped);
  return { heading, whole: [heading, ...rest].join('\n') };
};

export const slackEscaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
