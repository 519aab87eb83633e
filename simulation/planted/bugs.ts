import { ACCOUNT_BUGS } from './account-bugs.ts';
import type { PlantedBug } from './bug.ts';
import { BUY_BUGS } from './buy-bugs.ts';
import { ORDER_BUGS } from './order-bugs.ts';
import { PROTECTION_BUGS } from './protection-bugs.ts';
import { SALE_BUGS } from './sale-bugs.ts';

/** Mistakes that a simulation worth its name finds. Each is looked for alone. */
export const BUGS: readonly PlantedBug[] = [
  ...ORDER_BUGS,
  ...BUY_BUGS,
  ...SALE_BUGS,
  ...PROTECTION_BUGS,
  ...ACCOUNT_BUGS,
];
