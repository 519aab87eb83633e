/** What is read by people alone and decides nothing is not mutated: sentences, names of errors, lines of the log. */

const LOG_LEVELS = new Set(['debug', 'info', 'warn', 'error']);

/** A state, a code or a key has no blank in it. */
const isSentence = (node) => {
  if (node.type === 'StringLiteral') return node.value.trim().includes(' ');
  if (node.type === 'TemplateLiteral')
    return node.quasis.some((part) => (part.value.cooked ?? part.value.raw).includes(' '));
  return false;
};

const isNameOfError = ({ type, key }) => type === 'ClassProperty' && key.name === 'name';

const isLogLine = ({ type, callee }) =>
  type === 'CallExpression' &&
  callee.type === 'MemberExpression' &&
  LOG_LEVELS.has(callee.property.name) &&
  [callee.object.name, callee.object.property?.name].includes('log');

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'for-people',
    value: {
      shouldIgnore: ({ node }) => {
        if (isSentence(node)) return 'a sentence for people';
        if (isNameOfError(node)) return 'the name of an error, for the log';
        if (isLogLine(node)) return 'a line of the log';
        if (node.type === 'ExpressionStatement' && isLogLine(node.expression)) return 'a line of the log';
        return undefined;
      },
    },
  },
];
