import { createRequire } from 'node:module';
import protobuf from 'protobufjs';

/** The protocol as Zilliz's own SDK knows it: descriptors that we did not write. */
const load = createRequire(import.meta.url);
const sdk = load.resolve('@zilliz/milvus2-sdk-node/package.json');
const descriptors: unknown = load(sdk.replace('package.json', 'dist/milvus/proto-json/milvus.base.js'));

export const oracle = protobuf.Root.fromJSON((descriptors as { default: protobuf.INamespace }).default);
oracle.resolveAll();

export const encodeByOracle = (type: string, value: Record<string, unknown>): Uint8Array => {
  const known = oracle.lookupType(type);
  return known.encode(known.fromObject(value)).finish();
};

export const decodeByOracle = (type: string, bytes: Uint8Array): Record<string, unknown> => {
  const known = oracle.lookupType(type);
  return known.toObject(known.decode(bytes), { longs: String, bytes: Buffer });
};
