"""A writer that never asks whether a backup is being taken: bursts of 1,000 rows/s, and pauses of a length that nobody knows.

    hammer.py make ADDRESS NAME
    hammer.py write ADDRESS NAME SECONDS SEED  -> [{"from": ms, "to": ms, "put": [[id, value], ...], "gone": [id, ...]}, ...]

One write after the other: the collection is at each moment what some first part of the list made of it.
"""

import json
import random
import sys
import time

from pymilvus import DataType, MilvusClient

ROWS = 100
EVERY = 0.1


def make(address, name):
    client = MilvusClient(f"http://{address}")
    schema = MilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("value", DataType.INT64)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index, consistency_level="Strong")
    client.load_collection(name)


def write(address, name, seconds, seed):
    client = MilvusClient(f"http://{address}")
    dice = random.Random(seed)
    log, keys = [], []
    rows = lambda ids: [{"id": k, "value": dice.randrange(2**40), "vector": [0.5, k % 7]} for k in ids]
    end = time.time() + float(seconds)
    while time.time() < end:
        burst = time.time() + dice.uniform(0.5, 3)
        while time.time() < min(burst, end):
            next_at = time.time() + EVERY
            kind = dice.choice(["insert", "insert", "upsert", "delete"]) if keys else "insert"
            put, gone = [], []
            begun = time.time()
            if kind == "insert":
                fresh = sorted(dice.sample(range(2**40), ROWS))
                put = rows(fresh)
                client.insert(name, put)
                keys += fresh
            elif kind == "upsert":
                put = rows(sorted(dice.sample(keys, min(ROWS, len(keys)))))
                client.upsert(name, put)
            else:
                gone = dice.sample(keys, min(ROWS, len(keys)))
                client.delete(name, ids=gone)
                keys = sorted(set(keys) - set(gone))
            log.append({"from": begun * 1000, "to": time.time() * 1000, "put": [[r["id"], r["value"]] for r in put], "gone": gone})
            time.sleep(max(0, next_at - time.time()))
        time.sleep(dice.uniform(0, 6))
    return log


def main():
    command, *arguments = sys.argv[1:]
    print(json.dumps({"make": make, "write": write}[command](*arguments)))


if __name__ == "__main__":
    main()
