import * as z from 'zod';

/** As CloudWatch calls a widget's function. */
export const zDashboardEvent = z.looseObject({
  /** The console asks for the function's documentation. */
  describe: z.boolean().exactOptional(),
  /** Of a further page of accounts, as this page's own button sends it. */
  cursor: z.string().min(1).max(300).exactOptional(),
  widgetContext: z.looseObject({ theme: z.string().exactOptional() }).exactOptional(),
});
export type DashboardEvent = z.infer<typeof zDashboardEvent>;
