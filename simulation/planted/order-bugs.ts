import type { PlantedBug } from './bug.ts';

/** Of placing an order once, and of knowing what became of it. */
export const ORDER_BUGS: readonly PlantedBug[] = [
  {
    name: 'send-before-intent',
    edits: [
      {
        file: 'shared/order/place-once.ts',
        find: 'if (await ports.orders.create(first)) return await send(first, request, ports);',
        replace: `const sent = await send(first, request, ports);
  if (await ports.orders.create(first)) return sent;`,
      },
    ],
    guarantee: '4',
    withinSeeds: 4,
  },
  {
    name: 'ambiguous-answer-taken-for-a-no',
    edits: [
      {
        file: 'shared/order/place-once.ts',
        find: 'const found = await lookUp(record, ports);',
        replace: 'const found = undefined;',
      },
    ],
    guarantee: '4',
    withinSeeds: 45,
  },
  {
    name: 'intent-sent-again-without-look-up',
    edits: [
      {
        file: 'shared/order/resume-order.ts',
        find: 'const found = await lookUp(known, ports);',
        replace: 'const found = undefined;',
      },
    ],
    guarantee: '4',
    withinSeeds: 45,
  },
  {
    name: 'another-id-for-each-try',
    edits: [
      {
        file: 'shared/order/place-once.ts',
        find: 'const first = intent(request, clientOrderIdOf(request.cause), 1, ports.clock.now());',
        replace: `const now = ports.clock.now();
  const first = intent(request, clientOrderIdOf({ ...request.cause, at: now, kind: 'exit', requestId: String(now), symbol: '', round: 1 }), 1, now);`,
      },
    ],
    guarantee: '4',
    withinSeeds: 4,
  },
  {
    name: 'fills-recorded-again-and-again',
    edits: [
      {
        file: 'shared/ledger/record-order.ts',
        find: 'input.fills.filter((fill) => !recorded.has(fill.fillId))',
        replace: 'input.fills',
      },
      {
        file: 'shared/ledger/dynamodb/fills.ts',
        find: '  condition: ABSENT,\n',
        replace: '',
      },
    ],
    guarantee: '10',
    withinSeeds: 15,
  },
  {
    name: 'sale-taken-off-the-position-twice',
    edits: [
      {
        file: 'shared/ledger/apply-fills.ts',
        find: 'const left = lessAtMost(held, moved);',
        replace: 'const left = lessAtMost(lessAtMost(held, moved), moved);',
      },
    ],
    guarantee: '10',
    withinSeeds: 4,
  },
  {
    name: 'fee-in-base-counted-as-held',
    edits: [
      {
        file: 'shared/ledger/apply-fills.ts',
        find: 'lessAtMost(traded, baseFee)',
        replace: 'traded',
      },
    ],
    guarantee: '10',
    withinSeeds: 4,
  },
  {
    name: 'check-cursor-skips-executions',
    edits: [
      {
        file: 'shared/reconciliation/missed-fills.ts',
        find: 'session.fillsSince(before.cursor - OVERLAP_MS, reading)',
        replace: 'session.fillsSince(ports.clock.now(), reading)',
      },
    ],
    guarantee: 'liveness',
    withinSeeds: 4,
  },
  {
    name: 'nonce-from-the-millisecond-clock-alone',
    edits: [
      {
        file: 'shared/vault/dynamodb/held-lease.ts',
        find: 'Math.max(now * 1_000, (lastNonce ?? 0) + 1)',
        replace: 'now',
      },
      {
        file: 'shared/vault/dynamodb/lease-item.ts',
        find: "'(attribute_not_exists(#lastNonce) OR #lastNonce < :firstNonce)'",
        replace: "'(attribute_not_exists(#lastNonce) OR :firstNonce >= :now)'",
      },
    ],
    guarantee: '4',
    withinSeeds: 4,
  },
  {
    name: 'lease-not-asked',
    edits: [
      {
        file: 'shared/vault/dynamodb/lease-item.ts',
        find: 'const FREE = `(',
        replace: 'const FREE = `(attribute_exists(#pk) OR ',
      },
    ],
    guarantee: '4',
    withinSeeds: 8,
  },
  {
    name: 'absence-believed-before-the-deadline',
    edits: [
      {
        file: 'shared/order/resume-order.ts',
        find: 'if (askedAt >= certainAt) return undefined;',
        replace: 'return undefined;',
      },
    ],
    guarantee: '4',
    withinSeeds: 45,
  },
  {
    name: 'missed-executions-forgotten',
    edits: [
      {
        file: 'shared/reconciliation/missed-fills.ts',
        find: 'const fills = await session.fillsOf(order);',
        replace: 'const fills: readonly Fill[] = [];',
      },
    ],
    guarantee: '10',
    withinSeeds: 80,
  },
  {
    name: 'position-closed-at-the-first-late-balance',
    edits: [
      {
        file: 'shared/reconciliation/judge-shortfall.ts',
        find: 'if (gone && goneBefore) {',
        replace: 'if (gone) {',
      },
    ],
    guarantee: '10',
    withinSeeds: 45,
  },
  {
    name: 'lease-not-given-back',
    edits: [{ file: 'shared/vault/dynamodb/held-lease.ts', find: 'if (over) return;', replace: 'return;' }],
    guarantee: 'liveness',
    withinSeeds: 4,
  },
];
