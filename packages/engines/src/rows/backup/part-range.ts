import { fromKeyRecord } from '@milvault/shared';
import type { RowsPart } from '../parts.ts';
import type { RangePlan } from '../read/ranges.ts';

/** The part's keys as they are read: JSON has no bigint. */
export const rangePlanOf = (part: RowsPart): RangePlan => ({
  after: part.after === null ? null : fromKeyRecord(part.after),
  upTo: part.upTo === null ? null : fromKeyRecord(part.upTo),
  bounds: part.bounds.map(fromKeyRecord),
  rowsExpected: part.rowsExpected,
  rowBytes: part.rowBytes,
});
