import type { Shown } from './exports.ts';

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}
const slot = (field: number, bytes: readonly number[]): number[] => [
  field * 8 + 2,
  ...varint(BigInt(bytes.length)),
  ...bytes,
];

/** What an Array of Milvus can be of. */
export const ELEMENTS = ['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'VarChar'] as const;

/** Elements as a ScalarField message, and as the oracle should show them. */
export function arrayOf(
  type: (typeof ELEMENTS)[number],
  words: readonly bigint[],
): { bytes: Uint8Array; shown: Shown } {
  const packed = (field: number, bytes: number[]): Uint8Array => Uint8Array.from(slot(field, slot(1, bytes)));
  const little = (width: 4 | 8) => {
    const bytes = Buffer.alloc(words.length * width);
    words.forEach((word, i) =>
      width === 4
        ? bytes.writeUInt32LE(Number(BigInt.asUintN(32, word)), i * 4)
        : bytes.writeBigUInt64LE(BigInt.asUintN(64, word), i * 8),
    );
    return bytes;
  };
  const each = (width: 4 | 8): string[] =>
    words.map((_, i) =>
      little(width)
        .subarray(i * width, i * width + width)
        .toString('hex'),
    );
  switch (type) {
    case 'Bool':
      return {
        bytes: packed(
          1,
          words.flatMap((word) => varint(word & 1n)),
        ),
        shown: words.map((word) => (word & 1n) === 1n),
      };
    case 'Int8':
    case 'Int16':
    case 'Int32': {
      const bits = { Int8: 8, Int16: 16, Int32: 32 }[type];
      const cut = words.map((word) => BigInt.asIntN(bits, word));
      return { bytes: packed(2, cut.flatMap(varint)), shown: cut.map(String) };
    }
    case 'Int64': {
      const cut = words.map((word) => BigInt.asIntN(64, word));
      return { bytes: packed(3, cut.flatMap(varint)), shown: cut.map(String) };
    }
    case 'Float':
      return { bytes: packed(4, [...little(4)]), shown: each(4) };
    case 'Double':
      return { bytes: packed(5, [...little(8)]), shown: each(8) };
    case 'VarChar': {
      const texts = words.map((word) => (word % 5n === 0n ? '' : `é${word}\n`));
      const inner = texts.flatMap((text) => slot(1, [...Buffer.from(text)]));
      return { bytes: Uint8Array.from(slot(6, inner)), shown: texts.map((text) => Buffer.from(text).toString('hex')) };
    }
  }
}
