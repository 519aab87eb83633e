/** What the console shows of this function when a widget is made with it. */
export const DESCRIPTION = `## Nija

All accounts on one page: health of the masters, cash, equity, positions with their stops, the latest trades with their copies, latency and slippage, protection and halts. It reads the ledger and changes nothing.

**Exit…** asks first and then calls the function \`exit\` with your own rights: whoever may not call it is refused.

### Parameters
None. The widget follows the theme and the width of the dashboard.
`;
