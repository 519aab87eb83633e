/** Section by section: which folder may import which, and who may touch an SDK. */
const adapters =
  '^(shared/ledger/dynamodb|shared/vault/secrets-manager|shared/exchange/kraken|shared/copying/sqs|shared/check/sqs|shared/reporting/sqs|shared/telemetry/powertools|shared/notification/(dynamodb|secrets-manager|sns))';
const masterCode =
  '^(shared/strategy|shared/ledger/dynamodb/(master-ledger|strategy-states)|functions/(master-tick|register-master))';
const userPlane =
  '^functions/(balance|exit|control|register-user|copy-worker|account-check|check-dispatcher)';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'shared-stands-alone',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(functions|infra|cli|page|simulation|test|bench)/' },
    },
    {
      name: 'functions-know-no-infrastructure',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: '^(infra|cli|simulation|test|bench)/' },
    },
    {
      name: 'product-imports-no-tests',
      severity: 'error',
      from: { path: '^(functions|shared|infra|cli|page|simulation)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'product-imports-no-simulation',
      severity: 'error',
      from: { path: '^(functions|shared|infra|cli|page)/' },
      to: { path: '^simulation/' },
    },
    {
      name: 'sdk-only-in-adapters',
      severity: 'error',
      from: { path: '^(shared|functions)/', pathNot: [adapters] },
      to: { path: 'node_modules/(ccxt|@aws-sdk|@smithy)/' },
    },
    {
      name: 'user-plane-reaches-no-master-code',
      comment: 'With the master gone or its code broken, users still read balances and exit.',
      severity: 'error',
      from: { path: userPlane },
      to: { path: masterCode, reachable: true },
    },
    {
      name: 'who-has-no-key-reaches-no-exchange-and-no-vault',
      severity: 'error',
      from: { path: '^functions/(trade-copier|check-dispatcher|control|view|statement|notify)' },
      to: { path: '^shared/(exchange/kraken|vault/(dynamodb|secrets-manager))', reachable: true },
    },
    {
      name: 'nothing-but-notify-tells',
      comment: 'Whether people can be told decides nothing about their money.',
      severity: 'error',
      from: { path: '^functions/', pathNot: ['^functions/notify/'] },
      to: { path: '^shared/notification/', reachable: true },
    },
    {
      name: 'functions-import-no-other-function',
      severity: 'error',
      from: { path: '^functions/([^/]+)/' },
      to: { path: '^functions/[^/]+/', pathNot: ['^functions/$1/'] },
    },
    {
      name: 'command-line-calls-functions-from-outside',
      comment: 'What an operator may do is what the functions let a caller do, and what IAM lets him call.',
      severity: 'error',
      from: { path: '^cli/' },
      to: { path: '^(functions/|shared/.*/(dynamodb|sqs|kraken|powertools)/)', reachable: true },
    },
    {
      name: 'command-line-reaches-aws-by-its-transport-alone',
      severity: 'error',
      from: { path: '^cli/', pathNot: '^cli/transport/' },
      to: { path: 'node_modules/(ccxt|@aws-sdk|@smithy)/' },
    },
    {
      name: 'the-page-knows-only-answers',
      comment:
        'It is served in several places: what it shows comes from who serves it, and so does its exit.',
      severity: 'error',
      from: { path: '^page/' },
      to: {
        path: '^(functions|infra|cli|simulation|test|bench)/|^shared/.*/(dynamodb|sqs|kraken|powertools)/',
      },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: false,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Packages that are ES modules alone name their entry under `exports`, without a condition for require.
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
