import { text } from '../../shared/money/money.ts';
import { buildStatement } from '../../shared/statement/build-statement.ts';
import { statementCsv } from '../../shared/statement/csv.ts';
import type { Statement } from '../../shared/statement/statement.ts';
import { statementPage } from './page/statement-page.ts';
import { readFacts } from './read-facts.ts';
import type { StatementAnswer, StatementInput } from './statement-contract.ts';
import type { StatementPorts } from './statement-ports.ts';

/** Lambda answers with at most 6 MB. */
const MOST_BYTES = 5_800_000;

/** The answer would be too large to be sent. */
export class StatementTooLarge extends Error {
  override readonly name = 'StatementTooLarge';
}

/**
 * An account's month. Reads the ledger alone, and writes nothing.
 *
 * @throws UnknownAccount, InvalidInput, NothingMeasured, StatementTooLarge, LedgerError
 */
export const runStatement = async (
  input: StatementInput,
  ports: StatementPorts,
): Promise<StatementAnswer> => {
  const statement = buildStatement(await readFacts(input, ports));
  const summary = summaryOf(statement);
  const answer = answerOf(input, statement, summary);
  const size = Buffer.byteLength(JSON.stringify(answer));
  if (size <= MOST_BYTES) return answer;
  throw new StatementTooLarge(
    `the statement of ${input.accountId} for ${input.month} has ${statement.trades.length} executions and ${statement.copies.length} copies, too many for one answer as ${input.as} (${size} bytes)${input.as === 'csv' ? '' : ": ask for it as 'csv', which is shorter"}`,
  );
};

const answerOf = (
  { as, accountId, month, method }: StatementInput,
  statement: Statement,
  summary: string,
): StatementAnswer => {
  const fileName = `nija-${accountId}-${month}-${method}.${as}`;
  switch (as) {
    case 'json':
      return { as, summary, statement };
    case 'csv':
      return { as, summary, fileName, contentType: 'text/csv; charset=utf-8', body: statementCsv(statement) };
    case 'html':
      return {
        as,
        summary,
        fileName,
        contentType: 'text/html; charset=utf-8',
        body: statementPage(statement),
      };
  }
};

const summaryOf = ({ accountId, month, currency, equity, result }: Statement): string =>
  `${accountId} in ${month}: equity from ${text(equity.opening)} to ${text(equity.closing)} ${currency}; trades made ${text(result)} ${currency} after fees.`;
