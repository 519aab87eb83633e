/** Whether what is left of a symbol is more than a rest too small to sell: no order sells it, its owner has to act. */
export const isLeftOver = ({ state }: { readonly state: string }): boolean =>
  state === 'STAKED' || state === 'DELISTED';
