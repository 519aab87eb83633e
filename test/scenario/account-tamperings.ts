import { LEAVER, STAYER } from '../../infra/local/scenario/cast.ts';
import {
  answerOf,
  soldCopy,
  type Tampering,
  withAnswer,
  withBooks,
  withOrders,
  withOutage,
  withRefusal,
  withText,
} from './tamper.ts';

/** Lies about keys, secrets, balances and who is on its own. */
export const ACCOUNT_TAMPERINGS: readonly Tampering[] = [
  {
    check: 'isolation',
    what: 'an order lies under another account than its key',
    tamper: (evidence) =>
      withOrders(evidence, (orders) =>
        orders.map((order) =>
          order.orderId === soldCopy(evidence).order.orderId ? { ...order, accountId: 'u-cho' } : order,
        ),
      ),
    names: /of u-cho was placed with the key of/,
  },
  {
    check: 'isolation',
    what: 'a fingerprint is not that of the key',
    tamper: (evidence) => ({
      ...evidence,
      registered: {
        ...evidence.registered,
        accounts: evidence.registered.accounts.map((account) =>
          account.accountId === 'u-cho' ? { ...account, keyFingerprint: '0'.repeat(16) } : account,
        ),
      },
    }),
    names: /fingerprint of u-cho/,
  },
  {
    check: 'keysAreSafe',
    what: 'a key that can withdraw was registered',
    tamper: (evidence) => withRefusal(evidence, { withdrawal: undefined }),
    names: /can withdraw was registered/,
  },
  {
    check: 'keysAreSafe',
    what: 'a registration failed for another reason than the key',
    tamper: (evidence) =>
      withRefusal(evidence, { sameKey: { name: 'LedgerError', message: 'the table is gone' } }),
    names: /not refused as KEY_IN_USE but failed with LedgerError/,
  },
  {
    check: 'userIndependence',
    what: 'the master could still be reached',
    tamper: (evidence) => withOutage(evidence, { masterError: undefined }),
    names: /master could still be reached/,
  },
  {
    check: 'userIndependence',
    what: 'a balance function answered zero',
    tamper: (evidence) => withAnswer(evidence, STAYER, { cash: '0', equity: '0', assets: [] }),
    names: /u-ben says cash 0, the books/,
  },
  {
    check: 'userIndependence',
    what: "two accounts were shown each other's figures",
    tamper: (evidence) => {
      const [cho, ben] = [answerOf(evidence, 'u-cho'), answerOf(evidence, STAYER)];
      return withOutage(evidence, {
        balances: evidence.outage.balances.map((answer) => {
          if (answer === cho) return { ...ben, accountId: 'u-cho', keyFingerprint: cho.keyFingerprint };
          return answer === ben ? { ...cho, accountId: STAYER, keyFingerprint: ben.keyFingerprint } : answer;
        }),
      });
    },
    names: /u-ben says cash 1\d{3}\.\d+, the books 2\d{4}/,
  },
  {
    check: 'userIndependence',
    what: 'a balance was read with the key of another account',
    tamper: (evidence) =>
      withAnswer(evidence, 'u-cho', { keyFingerprint: answerOf(evidence, STAYER).keyFingerprint }),
    names: /u-cho was read with the key/,
  },
  {
    check: 'userIndependence',
    what: 'an asset is missing from a balance',
    tamper: (evidence) => withAnswer(evidence, STAYER, { assets: [] }),
    names: /u-ben says BTC 0, the books/,
  },
  {
    check: 'userIndependence',
    what: 'an equity leaves out what the assets are worth',
    tamper: (evidence) => {
      const ben = answerOf(evidence, STAYER);
      return withAnswer(evidence, STAYER, { equity: ben.connected ? ben.cash : '0' });
    },
    names: /u-ben says equity/,
  },
  {
    check: 'userIndependence',
    what: 'a follower is still following',
    tamper: (evidence) => withAnswer(evidence, 'u-cho', { status: 'following' }),
    names: /u-cho is following with the master gone, not standalone/,
  },
  {
    check: 'userIndependence',
    what: 'an account that must not buy is shown as standalone',
    tamper: (evidence) => withAnswer(evidence, 'u-eve', { status: 'standalone' }),
    names: /u-eve is standalone with the master gone, not exit-only/,
  },
  {
    check: 'userIndependence',
    what: 'a balance was not read',
    tamper: (evidence) =>
      withOutage(evidence, {
        balances: evidence.outage.balances.filter(({ accountId }) => accountId !== 'u-cho'),
      }),
    names: /balance of u-cho was not read/,
  },
  {
    check: 'userIndependence',
    what: 'the exit calls dust what can be sold',
    tamper: (evidence) =>
      withBooks(
        withOutage(evidence, {
          exit: {
            ...evidence.outage.exit,
            results: evidence.outage.exit.results.map((result) => ({ ...result, state: 'DUST' })),
          },
        }),
        {
          balances: (id) => {
            const asset = evidence.outage.exit.results[0]?.symbol.split('/')[0] ?? '';
            const kept = { total: '5', held: '0', free: '5' };
            return id === LEAVER
              ? { ...evidence.books.balances(id), [asset]: kept }
              : evidence.books.balances(id);
          },
        },
      ),
    names: /u-ann still holds 5 /,
  },
  {
    check: 'noSecretLeaks',
    what: 'a log names the secret of a user',
    tamper: (evidence) => withText(evidence, evidence.registered.accounts[1]?.apiSecret ?? ''),
    names: /the secret of u-ann stands in a log/,
  },
  {
    check: 'noSecretLeaks',
    what: 'a log shows a URL with the key of a refused account',
    tamper: (evidence) =>
      withText(evidence, encodeURIComponent(evidence.registered.refusedKeys[0]?.apiKey ?? '')),
    names: /the key of u-risky stands in a log/,
  },
  {
    check: 'noSecretLeaks',
    what: "a log names the secret of the owner's own key",
    tamper: (evidence) => withText(evidence, evidence.halt.ownerSecret),
    names: /the secret of the owner stands in a log/,
  },
  {
    check: 'noSecretLeaks',
    what: 'the table holds a key',
    tamper: (evidence) => ({
      ...evidence,
      collected: {
        ...evidence.collected,
        tableText: `${evidence.collected.tableText}"${evidence.registered.accounts[0]?.apiKey}"`,
      },
    }),
    names: /the key of m-apex stands in the table/,
  },
];
