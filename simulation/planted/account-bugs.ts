import type { PlantedBug } from './bug.ts';

/** Of keeping accounts, planes and secrets apart, and of telling every follower. */
export const ACCOUNT_BUGS: readonly PlantedBug[] = [
  {
    name: 'key-of-whoever-came-first',
    edits: [
      {
        file: 'shared/vault/secrets-manager/vault.ts',
        find: `const known = cache.get(accountId);
      if (known?.fingerprint === fingerprint && known.exchange === exchange) return await known.secret;`,
        replace: `const [known] = cache.values();
      if (known?.exchange === exchange) return await known.secret;`,
      },
    ],
    guarantee: '1',
    withinSeeds: 4,
  },
  {
    name: 'user-plane-reads-the-masters-profile',
    edits: [
      {
        file: 'shared/ledger/dynamodb/copy-context.ts',
        find: 'status: statusKey(masterId),',
        replace: 'status: statusKey(masterId),\n      master: profileKey(masterId),',
      },
    ],
    guarantee: '2',
    withinSeeds: 4,
  },
  {
    name: 'failed-balance-shown-as-nothing',
    edits: [
      {
        file: 'functions/balance/balance.ts',
        find: 'const balances = await session.balances();',
        replace: 'const balances = await session.balances().catch(() => []);',
      },
    ],
    guarantee: '7',
    withinSeeds: 4,
  },
  {
    name: 'coins-in-orders-shown-as-free',
    edits: [
      {
        file: 'shared/exchange/kraken/balances.ts',
        find: 'lessAtMost(there, onHold)',
        replace: 'there',
      },
    ],
    guarantee: '7',
    withinSeeds: 80,
  },
  {
    name: 'key-in-a-log-line',
    edits: [
      {
        file: 'shared/account/connect.ts',
        find: '    const session = ports\n',
        replace:
          "    ports.log.info('connected', { key: secret.credentials.apiKey.reveal() });\n    const session = ports\n",
      },
    ],
    guarantee: '9',
    withinSeeds: 4,
  },
  {
    name: 'money-stored-as-a-number',
    edits: [
      {
        file: 'shared/ledger/dynamodb/entity.ts',
        find: 'if (Decimal.isDecimal(value)) return value.toFixed();',
        replace: 'if (Decimal.isDecimal(value)) return String(value.toNumber());',
      },
    ],
    guarantee: '11',
    withinSeeds: 4,
  },
  {
    name: 'second-trade-dropped-as-a-duplicate',
    edits: [
      {
        file: 'shared/copying/sqs/copy-queue.ts',
        find: 'MessageDeduplicationId: ',
        replace: 'MessageDeduplicationId: message.accountId || ',
      },
    ],
    guarantee: '5',
    withinSeeds: 4,
  },
  {
    name: 'refused-messages-forgotten',
    edits: [
      {
        file: 'shared/copying/sqs/copy-queue.ts',
        find: 'if (failed.length > 0) {',
        replace: 'if (failed.length > BATCH) {',
      },
    ],
    guarantee: '5',
    withinSeeds: 15,
  },
  {
    name: 'trade-given-up-at-its-first-failure',
    edits: [
      {
        file: 'functions/trade-copier/handler.ts',
        find: 'return { batchItemFailures: [{ itemIdentifier: sequence }] };',
        replace: 'continue;',
      },
    ],
    guarantee: '5',
    withinSeeds: 15,
  },
  {
    name: 'first-row-taken-for-all-rows',
    edits: [
      {
        file: 'functions/trade-copier/trade-copier.ts',
        find: '? await standing(slice, trade, ports)\n    : { missing: others',
        replace: '? { missing: [], unfinished: [] }\n    : { missing: others',
      },
    ],
    guarantee: '5',
    withinSeeds: 15,
  },
  {
    name: 'last-follower-left-out',
    edits: [
      {
        file: 'functions/trade-copier/trade-copier.ts',
        find: 'await Promise.all(missing.map(create));',
        replace: 'await Promise.all(missing.slice(1).map(create));',
      },
    ],
    guarantee: '5',
    withinSeeds: 4,
  },
  {
    name: 'who-joins-late-gets-earlier-trades',
    edits: [
      {
        file: 'functions/trade-copier/trade-copier.ts',
        find: 'accounts.followersOf(trade.masterId, trade.at)',
        replace: 'accounts.followersOf(trade.masterId, trade.at * 2)',
      },
    ],
    guarantee: '5',
    withinSeeds: 20,
  },
  {
    name: 'late-listed-executions-passed-by',
    edits: [
      {
        file: 'functions/master-tick/ingest-fills.ts',
        find: 'const OVERLAP_MS = 10 * MINUTE;',
        replace: 'const OVERLAP_MS = -MINUTE;',
      },
    ],
    guarantee: '5',
    withinSeeds: 4,
  },
  {
    name: 'cursor-moved-past-what-was-not-recorded',
    edits: [
      {
        file: 'functions/master-tick/ingest-fills.ts',
        find: 'if (sale !== undefined) sales.push(sale);',
        replace: `if (sale !== undefined) sales.push(sale);
    break;`,
      },
      {
        file: 'functions/master-tick/ingest-fills.ts',
        find: 'const OVERLAP_MS = 10 * MINUTE;',
        replace: 'const OVERLAP_MS = 0;',
      },
    ],
    guarantee: '5',
    withinSeeds: 4,
  },
  {
    name: 'share-of-the-first-execution-alone',
    edits: [
      {
        file: 'functions/master-tick/ingest-fills.ts',
        find: 'heldBefore.isZero() ? ONE : least(ratio(quantity, heldBefore), ONE)',
        replace: 'heldBefore.isZero() ? ONE : least(ratio(first.quantity, heldBefore), ONE)',
      },
    ],
    guarantee: '5',
    withinSeeds: 4,
  },
  {
    name: 'one-queue-group-for-all-accounts',
    edits: [
      {
        file: 'shared/copying/sqs/copy-queue.ts',
        find: 'MessageGroupId: message.accountId,',
        replace: 'MessageGroupId: message.masterId,',
      },
    ],
    guarantee: '13',
    withinSeeds: 4,
  },
];
