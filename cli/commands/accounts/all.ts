import { type AddCommand, examples } from '../../command.ts';
import { addAccountsAdd } from './add.ts';
import { addAccountsList } from './list.ts';
import { addAccountsSet } from './set.ts';
import { addAccountsShow } from './show.ts';
import { addAccountsSwitch } from './switch.ts';

export const addAccounts: AddCommand = (program, does) => {
  const accounts = program
    .command('accounts')
    .summary('add, list, show, set, disable and enable accounts')
    .addHelpText(
      'after',
      examples(
        'accounts',
        'accounts show u-ann',
        'accounts add u-ann --follows m-apex',
        'accounts set --help',
      ),
    );
  addAccountsAdd(accounts, does);
  addAccountsList(accounts, does);
  addAccountsShow(accounts, does);
  addAccountsSet(accounts, does);
  addAccountsSwitch(accounts, does, 'disable');
  addAccountsSwitch(accounts, does, 'enable');
};
