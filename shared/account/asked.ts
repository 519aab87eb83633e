import * as z from 'zod';

const said = (most: number, what: string) =>
  z.string(what).trim().min(1, what).max(most, `at most ${most} characters`);

/** Who asks for a change, and why: both are kept with it. */
export const zAsks = {
  by: said(100, 'say who asks'),
  why: said(500, 'say why: it is kept with the change'),
};
