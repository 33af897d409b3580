export { decideRetention, type Candidate, type Decision, type RetentionPlan } from './cleanup/retention.ts';
export { isGood } from './cleanup/good.ts';
export { writeExport, EXPORT_RECORD, type ExportOptions } from './export/folder.ts';
export { folderName } from './export/folder-name.ts';
export { exportFrames, piecesOfFrames, type ErrorFrame } from './export/frames.ts';
export { exportPieces } from './export/pieces.ts';
export { planExport } from './export/plan.ts';
export type * from './export/port.ts';
export { createRowsReader } from './export/rows-reader.ts';
export { countLive } from './segments/live.ts';
export { inspectLog, segmentsOf, TIMESTAMP_FIELD, type LogFacts, type ReadLog } from './segments/logs.ts';
export { createSegmentsReader, segmentRows } from './segments/reader.ts';
export { selectExport, type ExportSelection } from './export/select.ts';
export {
  addContentSums,
  CANONICAL_VERSION,
  contentSum,
  EMPTY_SUM,
  FINGERPRINT_BYTES,
  fingerprints,
} from './format/fingerprint.ts';
export { bitmapBytes, countMarks, decodeDeletions, encodeDeletions, isMarked, mark } from './format/deletions.ts';
export { pickRows } from './format/pick-rows.ts';
export { FORMAT } from './format/records.ts';
export { compareRawKeys, rawKeysOf, toRawKey, type RawKeys } from './live/raw-keys.ts';
export { initRepository, openRepository, type RepositoryOptions } from './open.ts';
export * from './port.ts';
export { probeStorage, type ProbeOptions } from './probe/probe.ts';
export { openObjectWriter, type ObjectWriter } from './storage/objects/write.ts';
export { openObjects, type ObjectReader, type StoredObject } from './storage/objects/open.ts';
export { openStorage, STORAGES, type StorageEntry } from './storage/registry.ts';
