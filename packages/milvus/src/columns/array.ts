import { fail, type DataTypeName } from '@milvault/shared';
import { SLOTS } from './slots.ts';

/** An Array row without elements: a ScalarField message whose slot is there and empty. */
export function emptyArrayOf(elementType: DataTypeName): Uint8Array {
  const slot = SLOTS[elementType];
  if (slot.family !== 'scalars') {
    throw fail('TYPE_UNSUPPORTED', { what: `Arrays of ${elementType} are not known` });
  }
  // Tag of a length-delimited field, length 0.
  return Uint8Array.of(slot.number * 8 + 2, 0);
}
