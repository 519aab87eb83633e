import type { Pending } from '../channel-state.ts';
import { type Block, fitting } from './fitting.ts';
import { headlineOf, type Section, sectionsOf, severityOf } from './summary.ts';

/** Telegram takes 4,096 characters; counted with the marks and escapes, so there is room left. */
const LONGEST_TEXT = 3_900;

/** For the Bot API's sendMessage. What anybody wrote stands in <pre>, where nothing becomes a mention or a link. */
export const telegramBody = (message: Pending, stage: string, chatId: string): string => {
  const first = `<b>Nija ${telegramEscaped(headlineOf(message, stage))}</b>`;
  return JSON.stringify({
    chat_id: chatId,
    parse_mode: 'HTML',
    text: fitting(first, sectionsOf(message).map(blockOf), LONGEST_TEXT),
    link_preview_options: { is_disabled: true },
    disable_notification: severityOf(message) === 'info',
  });
};

/** So long that the first block fits beside the headings of all kinds: the facts give way. */
const LONGEST_FACTS = 1_500;

const blockOf = ({ severity, title, facts, todo }: Section): Block => {
  let quoted = '';
  for (const fact of facts) {
    const line = telegramEscaped(fact);
    if (quoted.length + line.length > LONGEST_FACTS) {
      quoted += '…\n';
      break;
    }
    quoted += `${line}\n`;
  }
  const heading = `[${severity}] ${telegramEscaped(title)}`;
  const said = quoted === '' ? '' : `\n<pre>${quoted.trimEnd()}</pre>`;
  return { heading, whole: `${heading}${said}\nNext: ${telegramEscaped(todo)}` };
};

export const telegramEscaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
