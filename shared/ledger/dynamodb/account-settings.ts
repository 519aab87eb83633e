import type { Account, AccountId } from '../../account/account.ts';
import { zLimitChanges } from '../../account/limits.ts';
import type {
  AccountSettings,
  Asked,
  Change,
  Changed,
  ControlStore,
  SymbolLists,
} from '../../protection/control.ts';
import { zProtectionChanges } from '../../protection/protection-settings.ts';
import { accountEntity, profileKey } from './accounts.ts';
import { auditWrite, entryOf, onOrOff } from './audit.ts';
import { fromItem, type Item, stored } from './entity.ts';
import type { Table } from './table-access.ts';
import { unchangedSince, untilUnchanged } from './versions.ts';

/** What an operator sets of one account, each change with its entry in the audit trail. */
export const accountSettings = (
  table: Table,
): Pick<ControlStore, 'setSwitch' | 'setLimits' | 'setProtection' | 'setSymbols' | 'settings'> => {
  const profileOf = async (accountId: AccountId): Promise<Item | undefined> =>
    await table.get(`read the profile of ${accountId}`, profileKey(accountId));

  /** Changes what `decide` names of a profile, and leaves all else of it as it is. */
  const setOf = async (
    { accountId, by, why, at }: Asked & { readonly accountId: AccountId },
    decide: (account: Account) => Decision,
  ): Promise<Changed<AccountSettings> | undefined> =>
    await untilUnchanged(`the settings of ${accountId}`, async () => {
      const item = await profileOf(accountId);
      if (item === undefined) return undefined;
      const account = fromItem(accountEntity, item);
      const { what, attributes, after, change } = decide(account);
      const entry = entryOf(table, { by, why, at, subject: accountId, ...change });
      await table.transact(`set ${what} of ${accountId}`, [
        {
          what: `${what} of ${accountId}`,
          key: profileKey(accountId),
          condition: unchangedSince(item['written']),
          ...(changedNothing(change) ? { type: 'check' } : { type: 'update', ...written(after, attributes) }),
        },
        auditWrite(entry),
      ]);
      return { now: settingsOf(after), entry };
    });

  return {
    setSwitch: async ({ switch: name, on, ...asked }) =>
      await setOf(asked, (account) => ({
        what: `the switch ${name}`,
        attributes: [name],
        after: { ...account, [name]: on },
        change: { switch: name, before: onOrOff(account[name]), after: onOrOff(on) },
      })),
    setLimits: async ({ limits, ...asked }) =>
      await setOf(asked, (account) => ({
        what: 'limits',
        attributes: ['limits'],
        after: { ...account, limits: { ...account.limits, ...limits } },
        change: {
          setting: 'limits',
          before: zLimitChanges.parse(sameOf(account.limits, limits)),
          after: limits,
        },
      })),
    setProtection: async ({ protection, ...asked }) =>
      await setOf(asked, (account) => ({
        what: 'protection',
        attributes: ['protection'],
        after: { ...account, protection: { ...account.protection, ...protection } },
        change: {
          setting: 'protection',
          before: zProtectionChanges.parse(sameOf(account.protection, protection)),
          after: protection,
        },
      })),
    setSymbols: async ({ denied, allowed, ...asked }) =>
      await setOf(asked, (account) => {
        const before = symbolListsOf(account);
        const after = {
          denied: denied ?? before.denied,
          allowed: allowed === undefined ? before.allowed : allowed,
        };
        return {
          what: 'the lists of symbols',
          attributes: ['deniedSymbols', 'allowedSymbols'],
          after: withSymbolLists(account, after),
          change: { setting: 'symbols', before, after },
        };
      }),
    settings: async (accountId) => {
      const item = await profileOf(accountId);
      return item === undefined ? undefined : settingsOf(fromItem(accountEntity, item));
    },
  };
};

interface Decision {
  readonly what: string;
  /** Those that change. */
  readonly attributes: readonly (keyof Account)[];
  readonly after: Account;
  readonly change: Change;
}

const changedNothing = ({ before, after }: Change): boolean =>
  JSON.stringify(before) === JSON.stringify(after);

/** As an update writes them: what is absent now is removed. */
const written = (after: Account, attributes: readonly (keyof Account)[]) => ({
  set: Object.fromEntries(
    attributes.flatMap((name) => (after[name] === undefined ? [] : [[name, stored(after[name])]])),
  ),
  remove: attributes.filter((name) => after[name] === undefined),
});

/** Of `settings` those that `named` names, in its order, as they are stored. */
const sameOf = (settings: object, named: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(settings)
      .filter(([name]) => Object.hasOwn(named, name))
      .map(([name, setting]) => [name, stored(setting)]),
  );

const symbolListsOf = ({ deniedSymbols, allowedSymbols }: Account): SymbolLists => ({
  denied: deniedSymbols,
  allowed: allowedSymbols ?? null,
});

const withSymbolLists = (
  { allowedSymbols: _replaced, ...account }: Account,
  { denied, allowed }: SymbolLists,
): Account => ({
  ...account,
  deniedSymbols: [...denied],
  ...(allowed === null ? {} : { allowedSymbols: [...allowed] }),
});

const settingsOf = (account: Account): AccountSettings => {
  const { accountId, enabled, copyPaused, exitOnly, deniedSymbols, allowedSymbols } = account;
  const { limits, sizing, protection } = account;
  return {
    accountId,
    enabled,
    copyPaused,
    exitOnly,
    limits,
    sizing,
    protection,
    deniedSymbols,
    ...(allowedSymbols === undefined ? {} : { allowedSymbols }),
  };
};
