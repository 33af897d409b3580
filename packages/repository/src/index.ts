export { decideRetention, isGood, type Candidate, type Decision } from './cleanup/retention.ts';
export {
  addContentSums,
  CANONICAL_VERSION,
  contentSum,
  EMPTY_SUM,
  FINGERPRINT_BYTES,
  fingerprints,
} from './format/fingerprint.ts';
export { FORMAT } from './format/records.ts';
export { initRepository, openRepository, type RepositoryOptions } from './open.ts';
export * from './port.ts';
export { probeStorage, type ProbeOptions } from './probe/probe.ts';
export { openObjects, type ObjectReader, type StoredObject } from './storage/objects/open.ts';
export { openStorage, STORAGES, type StorageEntry } from './storage/registry.ts';
