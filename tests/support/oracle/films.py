"""Makes, compares and drops small collections with pymilvus, a client that milvault did not write.

films.py make ADDRESS NAME ROWS | equal ADDRESS NAME OTHER_ADDRESS OTHER | starting ADDRESS PREFIX | drop ADDRESS PREFIX
"""
import json
import random
import sys

from pymilvus import DataType, MilvusClient


def connect(address):
    return MilvusClient(uri=f"http://{address}")


def make(address, name, rows):
    client = connect(address)
    schema = client.create_schema(auto_id=False, enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("title", DataType.VARCHAR, max_length=200)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=8)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index, consistency_level="Strong")
    chance = random.Random(name)
    for start in range(0, int(rows), 5000):
        batch = [
            {
                "id": (row - 7) * 1_000_003,
                "title": f"Film {row} 'quoted' \n 电影",
                "vector": [chance.random() for _ in range(8)],
                "year": 1900 + row % 120,
            }
            for row in range(start, min(start + 5000, int(rows)))
        ]
        client.insert(name, batch)
    client.load_collection(name)
    return {"made": name}


def rows_of(client, name):
    found, after = [], None
    while True:
        condition = "id >= -9223372036854775807" if after is None else f"id > {after}"
        page = client.query(name, filter=condition, output_fields=["*"], limit=16_000, consistency_level="Strong")
        found.extend(page)
        if len(page) < 16_000:
            break
        after = max(row["id"] for row in page)
    plain = [{key: list(value) if key == "vector" else value for key, value in row.items()} for row in found]
    return sorted(plain, key=lambda row: row["id"])


def equal(address, name, other_address, other):
    first, second = rows_of(connect(address), name), rows_of(connect(other_address), other)
    return {"equal": first == second, "rows": [len(first), len(second)]}



def starting(address, prefix):
    return {"names": sorted(name for name in connect(address).list_collections() if name.startswith(prefix))}


def drop(address, prefix):
    client = connect(address)
    for name in client.list_collections():
        if name.startswith(prefix):
            client.drop_collection(name)
    return {}


COMMANDS = {"make": make, "equal": equal, "starting": starting, "drop": drop}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
