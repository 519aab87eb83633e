import type { AccountId } from '../account/account.ts';
import { UnknownAccount } from '../account/errors.ts';
import { accountIdsOf } from './pages.ts';
import type { ReportingPorts } from './ports.ts';

type Ports = Pick<ReportingPorts, 'ledger'>;

/** No master has made this trade. */
export class UnknownTrade extends Error {
  override readonly name = 'UnknownTrade';

  constructor(tradeId: string, masterId: AccountId | undefined) {
    super(
      `there is no trade '${tradeId}'${masterId === undefined ? '' : ` of ${masterId}`}: check the id and whose trade it is; the list of trades has both`,
    );
  }
}

/** Whom and what a question names. */
export interface Named {
  readonly accountId?: AccountId;
  readonly masterId?: AccountId;
  readonly tradeId?: string;
}

/**
 * That all names of a question exist: asked where nothing was found for them, so that a mistyped name never passes for
 * an account that has nothing, or for a trade that nobody copied.
 *
 * @throws UnknownAccount, UnknownTrade, LedgerError
 */
export const assertNamesExist = async (
  { accountId, masterId, tradeId }: Named,
  ports: Ports,
): Promise<void> => {
  const { history } = ports.ledger;
  for (const name of [accountId, masterId])
    if (name !== undefined && !(await history.hasAccount(name))) throw new UnknownAccount(name);
  if (tradeId === undefined) return;
  const masterIds = masterId === undefined ? await accountIdsOf('master', ports) : [masterId];
  if (!(await history.hasTrade(masterIds, tradeId))) throw new UnknownTrade(tradeId, masterId);
};
