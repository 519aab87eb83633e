import * as z from 'zod';

/**
 * What a CloudWatch dashboard adds to each call of a widget's function, and of each function that a widget's button
 * calls: how the widget is shown. Nothing that is done depends on it.
 */
const WIDGET_CONTEXT = 'widgetContext';

/** The same event, whether an operator has sent it or a button on a dashboard. */
export const alsoFromWidget = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess(
    (event) =>
      typeof event === 'object' && event !== null && !Array.isArray(event)
        ? Object.fromEntries(Object.entries(event).filter(([name]) => name !== WIDGET_CONTEXT))
        : event,
    schema,
  );
