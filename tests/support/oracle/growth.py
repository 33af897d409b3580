"""A collection that grows a little: what an incremental stores is measured on it.

    growth.py make ADDRESS NAME ROWS DIM
    growth.py change ADDRESS NAME ROWS DIM   of the rows that `make` made 1 % more, 0.5 % written anew, 0.5 % deleted
"""

import json
import sys

import numpy
from pymilvus import DataType, MilvusClient

STEP = 5_000


def rows_of(keys, dim, seed):
    dice = numpy.random.default_rng(seed)
    return [{"id": int(key), "vector": dice.random(dim, dtype=numpy.float32)} for key in keys]


def send(write, name, keys, dim, seed):
    for start in range(0, len(keys), STEP):
        write(name, rows_of(keys[start : start + STEP], dim, [seed, start]))


def make(address, name, rows, dim):
    client = MilvusClient(f"http://{address}")
    schema = MilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index, consistency_level="Strong")
    send(client.insert, name, range(0, rows * 10, 10), dim, 1)
    client.load_collection(name)


def change(address, name, rows, dim):
    client = MilvusClient(f"http://{address}")
    send(client.insert, name, range(5, rows * 10, 1000), dim, 2)
    send(client.upsert, name, range(0, rows * 10, 2000), dim, 3)
    client.delete(name, ids=list(range(10, rows * 10, 2000)))


def main():
    command, address, name, rows, dim = sys.argv[1:]
    {"make": make, "change": change}[command](address, name, int(rows), int(dim))
    print(json.dumps({}))


if __name__ == "__main__":
    main()
