import { COPIES_AT_ONCE, type Rehearsed } from './rehearse.ts';

/** What did not go as it must; empty where all did. */
export const faultsOf = (rehearsed: Rehearsed): readonly string[] => {
  const { stop, users, buysBefore, buysAfter, halted, holders, sold, exit, wrong } = rehearsed;
  const faults: string[] = [];
  if (buysAfter > COPIES_AT_ONCE)
    faults.push(`${buysAfter} BUYs came after the stop; no more than ${COPIES_AT_ONCE} were in flight`);
  if (buysBefore + buysAfter + halted !== users)
    faults.push(
      `${users} accounts were to buy: ${buysBefore + buysAfter} did and ${halted} were stopped, so some are missing`,
    );
  if (halted === 0) faults.push('nobody was stopped');
  if (sold !== holders) faults.push(`${holders} accounts were to sell, and ${sold} did`);
  if (exit !== 'FLAT') faults.push(`an exit ended otherwise than flat (given '${exit}')`);
  return [...faults, ...wrong].map((fault) => `${stop}: ${fault}`);
};

const line = (name: string, value: string): string => `  ${name.padEnd(52)}${value}`;

/** For a person to read. */
export const reportOf = (rehearsed: Rehearsed): string => {
  const { stop, users, callMs, buysBefore, buysAfter, lastBuyMs, halted, holders, sold, exit } = rehearsed;
  return [
    `Stopped ${stop}, while ${users} accounts were buying`,
    ...(callMs === undefined ? [] : [line('the call of control took', `${callMs} ms`)]),
    line('BUYs at the exchange before the stop', String(buysBefore)),
    line('BUYs that reached it after the stop (in flight)', String(buysAfter)),
    line('from the stop until the last BUY reached it', buysAfter === 0 ? 'none came' : `${lastBuyMs} ms`),
    line('BUYs that were not sent (HALTED)', String(halted)),
    line('accounts that sold meanwhile, of those that held', `${sold} of ${holders}`),
    line('an exit meanwhile', exit),
  ].join('\n');
};
