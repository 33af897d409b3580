import type { Column } from '@milvault/shared';
import { fixedMemory, type PageValues } from './chunk-pages.ts';

/** Whether the values of a page are not those of its rows in the column, in the least bit. */
export function pageDiffers(column: Column, page: PageValues): boolean {
  const { body } = page;
  if (nullsDiffer(column, page)) return true;
  const { data } = column;
  if (data.kind === 'bytes') return endOfBytes(data.values, page) !== body.length;
  if (page.type === 'BOOLEAN' && data.kind === 'int32') return endOfBits(data.values, page) !== body.length;
  return endOfFixed(fixedMemory(data), page) !== body.length;
}

const DIFFERENT = -1;

function nullsDiffer({ valid }: Column, { from, count, levels }: PageValues): boolean {
  if (valid === null && levels === null) return false;
  for (let i = 0; i < count; i++) {
    if ((valid === null || valid[from + i] !== 0) !== (levels === null || levels[i] === 1)) return true;
  }
  return false;
}

/** Where the values end in the page's body, or {@link DIFFERENT}. */
function endOfFixed({ memory, width }: ReturnType<typeof fixedMemory>, page: PageValues): number {
  const { body, from, count, levels } = page;
  if (levels === null) {
    const values = memory.subarray(from * width, (from + count) * width);
    return Buffer.compare(body, values) === 0 ? body.length : DIFFERENT;
  }
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (levels[i] !== 1) continue;
    if (!sameBytes(body, at, memory, (from + i) * width, width)) return DIFFERENT;
    at += width;
  }
  return at;
}

function endOfBits(values: Int32Array, { body, from, count, levels }: PageValues): number {
  let bit = 0;
  for (let i = 0; i < count; i++) {
    if (levels !== null && levels[i] !== 1) continue;
    if ((((body[bit >>> 3] ?? 0) >>> (bit & 7)) & 1) !== values[from + i]) return DIFFERENT;
    bit += 1;
  }
  return (bit + 7) >>> 3;
}

function endOfBytes(values: readonly Uint8Array[], { body, from, count, levels }: PageValues): number {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (levels !== null && levels[i] !== 1) continue;
    const value = values[from + i];
    if (value === undefined || at + 4 + value.length > body.length) return DIFFERENT;
    if (view.getUint32(at, true) !== value.length) return DIFFERENT;
    if (!sameBytes(body, at + 4, value, 0, value.length)) return DIFFERENT;
    at += 4 + value.length;
  }
  return at;
}

/** Below this a loop costs less than a call that compares. */
const SHORT = 64;

function sameBytes(a: Uint8Array, atA: number, b: Uint8Array, atB: number, length: number): boolean {
  if (length > SHORT) return Buffer.compare(a.subarray(atA, atA + length), b.subarray(atB, atB + length)) === 0;
  for (let i = 0; i < length; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}
