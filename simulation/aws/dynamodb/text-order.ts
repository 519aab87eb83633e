const FIRST_SURROGATE = 0xd800;
const FIRST_AFTER_SURROGATES = 0xe000;

/** As the UTF-8 bytes compare: characters that take two UTF-16 units come after all others. */
export const compareText = (one: string, other: string): number => {
  if (one === other) return 0;
  const shorter = Math.min(one.length, other.length);
  for (let at = 0; at < shorter; at += 1) {
    const unit = one.charCodeAt(at);
    const unitOfOther = other.charCodeAt(at);
    if (unit !== unitOfOther) return weight(unit) - weight(unitOfOther);
  }
  return one.length - other.length;
};

const weight = (unit: number): number =>
  unit >= FIRST_SURROGATE && unit < FIRST_AFTER_SURROGATES ? unit + 0x1_0000 : unit;
