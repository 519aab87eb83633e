import type { Pending } from '../channel-state.ts';
import { headlineOf, type Section, sectionsOf, severityOf } from './summary.ts';

/** Telegram takes 4,096 characters; counted with the marks and escapes, so there is room left. */
const LONGEST_TEXT = 3_900;
const CUT = '\n…';

/** For the Bot API's sendMessage. What anybody wrote stands in <pre>, where nothing becomes a mention or a link. */
export const telegramBody = (message: Pending, stage: string, chatId: string): string => {
  const blocks = [
    `<b>Nija ${telegramEscaped(headlineOf(message, stage))}</b>`,
    ...sectionsOf(message).map(blockOf),
  ];
  return JSON.stringify({
    chat_id: chatId,
    parse_mode: 'HTML',
    text: within(blocks, LONGEST_TEXT),
    link_preview_options: { is_disabled: true },
    disable_notification: severityOf(message) === 'info',
  });
};

/** No block is longer than this, so that at least the first one always fits: the facts give way. */
const LONGEST_FACTS = 1_500;

const blockOf = ({ severity, title, facts, todo }: Section): string => {
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
  return `\n${heading}${said}\nNext: ${telegramEscaped(todo)}`;
};

export const telegramEscaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const within = (blocks: readonly string[], most: number): string => {
  let whole = '';
  for (const block of blocks) {
    if (whole.length + block.length + CUT.length > most) return whole + CUT;
    whole += `${whole === '' ? '' : '\n'}${block}`;
  }
  return whole;
};
