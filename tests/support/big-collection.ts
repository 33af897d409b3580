import { batchOf, signal, withCollection, type CollectionWish, type Made } from '../integration/milvus/fixtures.ts';

const DIM = 256;
const PAGE = 10_000;

const WISH: CollectionWish = {
  fields: [
    { name: 'id', type: 'Int64', primary: true },
    { name: 'vector', type: 'FloatVector', params: { dim: DIM } },
  ],
};

/** A loaded collection of so many rows (in steps of 10,000) of 1 kB: large enough to be in the middle of it. */
export const withBigCollection = (server: string, rows: number, use: (made: Made) => Promise<void>): Promise<void> =>
  withCollection(server, WISH, async (made) => {
    const { client, definition } = made;
    for (let first = 0; first < rows; first += PAGE) {
      const batch = batchOf(definition, valuesFrom(first));
      await client.write({ definition, partition: null, batch, mode: 'insert', signal });
    }
    await client.load(definition, null);
    await use(made);
  });

/** Values that differ from row to row and from page to page. */
function valuesFrom(first: number): { id: bigint[]; vector: Uint8Array[] } {
  const floats = Float32Array.from({ length: PAGE * DIM }, (_, i) => ((first + i) * 2_654_435_761) % 8_191);
  const bytes = new Uint8Array(floats.buffer);
  return {
    id: Array.from({ length: PAGE }, (_, i) => BigInt(first + i)),
    vector: Array.from({ length: PAGE }, (_, i) => bytes.subarray(i * DIM * 4, (i + 1) * DIM * 4)),
  };
}
