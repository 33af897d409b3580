/** Shapes that every server of the tests serves. */
export const EVERYWHERE = [
  'int_keys',
  'text_keys',
  'scalars',
  'json',
  'dynamic',
  'arrays',
  'partitions',
  'partition_key',
  'auto_ids',
  'empty',
  'aliases',
  'ttl',
  'in_database',
  'consistency',
  'index_ivf',
  'index_hnsw',
];

export const LITE_SHAPES: readonly string[] = [
  ...EVERYWHERE,
  'sparse',
  'nulls',
  'defaults',
  'geometry',
  'two_vectors',
  'times',
  'int_max',
];
