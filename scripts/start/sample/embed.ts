/** 32-bit FNV-1a of the UTF-8 bytes. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(text)) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  return state;
}

const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/**
 * A text as a vector of length 1 by feature hashing: each word adds or takes 1 at a place that its hash names. Needs no
 * model and no download, and texts that share words lie near each other. A text without a word is (1, 0, 0, ...),
 * because a vector of zeros has no direction to search by.
 */
export function embed(text: string, dims: number): number[] {
  const vector = new Array<number>(dims).fill(0);
  for (const word of words(text)) {
    const hashed = hash(word);
    const place = hashed % dims;
    vector[place] = (vector[place] ?? 0) + (hashed & 0x80000000 ? -1 : 1);
  }
  const length = Math.hypot(...vector);
  if (length === 0) return vector.map((_, place) => (place === 0 ? 1 : 0));
  return vector.map((value) => Math.fround(value / length));
}
