"""What the `rows` engine is measured against: pymilvus, as its users use it.

    rows.py seed    ADDRESS NAME ROWS DIM        makes and loads a collection
    rows.py iterate ADDRESS NAME FILE            query_iterator into one Parquet file
    rows.py insert  ADDRESS NAME ROWS DIM        inserts the rows of `seed` into a new collection: until the last is acknowledged
    rows.py usable  ADDRESS NAME                 after `insert`: flushes, indexes and loads it, as `seed` does, until it can be searched
    rows.py change  ADDRESS NAME ROWS DIM        of the rows of `seed`, adds 1 %, changes 0.5 % and deletes 0.5 %
    rows.py grow    ADDRESS NAME FIRST COUNT DIM  adds so many rows, their keys from FIRST
    rows.py drop    ADDRESS NAME...
Prints {"seconds": ..., "rows": ...} of what is measured: making collections and rows is not. `change` prints the new and
the changed rows.
"""

import json
import sys
import time

import numpy as np
from pymilvus import DataType, MilvusClient

BATCH = 5000


def create(client, name, dim):
    if client.has_collection(name):
        client.drop_collection(name)
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("title", DataType.VARCHAR, max_length=200)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
    client.create_collection(name, schema=schema)


def batches(rows, dim, start=0):
    random = np.random.default_rng(7 + start)
    for first in range(start, start + rows, BATCH):
        count = min(BATCH, start + rows - first)
        vectors = random.standard_normal((count, dim)).astype(np.float32)
        yield [
            {"id": first + i, "title": f"row {first + i} of the benchmark, with some text", "vector": vectors[i]}
            for i in range(count)
        ]


def make_usable(client, name):
    client.flush(name)
    params = client.prepare_index_params()
    params.add_index("vector", index_type="FLAT", metric_type="L2")
    client.create_index(name, params)
    client.load_collection(name)


def seed(client, name, rows, dim):
    create(client, name, int(dim))
    for batch in batches(int(rows), int(dim)):
        client.insert(name, batch)
    make_usable(client, name)
    return 0, int(rows)


def usable(client, name):
    started = time.perf_counter()
    make_usable(client, name)
    return time.perf_counter() - started, 0


def change(client, name, rows, dim):
    rows, dim = int(rows), int(dim)
    random = np.random.default_rng(11)

    def made(keys, what):
        vectors = random.standard_normal((len(keys), dim)).astype(np.float32)
        return [{"id": key, "title": f"row {key}, {what}", "vector": vectors[i]} for i, key in enumerate(keys)]

    keys = random.permutation(rows)[: rows // 100].tolist()
    changed, deleted = keys[: rows // 200], keys[rows // 200 :]
    new = list(range(rows, rows + rows // 100))
    client.upsert(name, made(changed, "changed"))
    client.delete(name, ids=deleted)
    client.insert(name, made(new, "new"))
    return 0, len(new) + len(changed)


def grow(client, name, first, count, dim):
    for batch in batches(int(count), int(dim), int(first)):
        client.insert(name, batch)
    return 0, int(count)


def iterate(client, name, file):
    import pyarrow as pa
    import pyarrow.parquet as pq

    started = time.perf_counter()
    schema = pa.schema([("id", pa.int64()), ("title", pa.string()), ("vector", pa.list_(pa.float32()))])
    iterator = client.query_iterator(name, batch_size=BATCH, output_fields=schema.names)
    rows = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while page := iterator.next():
            rows += len(page)
            writer.write_table(pa.Table.from_pylist([dict(row) for row in page], schema=schema))
    iterator.close()
    return time.perf_counter() - started, rows


def insert(client, name, rows, dim):
    create(client, name, int(dim))
    ready = list(batches(int(rows), int(dim)))
    started = time.perf_counter()
    for batch in ready:
        client.insert(name, batch)
    return time.perf_counter() - started, int(rows)


def drop(client, *names):
    for name in names:
        if client.has_collection(name):
            client.drop_collection(name)
    return 0, 0


command, address, *arguments = sys.argv[1:]
seconds, rows = {
    "seed": seed,
    "iterate": iterate,
    "insert": insert,
    "usable": usable,
    "change": change,
    "grow": grow,
    "drop": drop,
}[command](
    MilvusClient(f"http://{address}"), *arguments
)
print(json.dumps({"seconds": seconds, "rows": rows}))
