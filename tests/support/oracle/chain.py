"""The oracle of chains: makes collections with pymilvus and changes them step by step, all by one seed.

    chain.py ADDRESS PREFIX SEED N  -> {"did": ["..."], "collections": [["default", name], ...]}

Step 0 makes the collections; each later step changes them in ways that an incremental must follow: rows new, changed,
written again as they were, deleted; partitions added, emptied, dropped; a collection made anew under its name, with the
same schema and with another one; a collection that goes and comes back.
"""

import json
import random
import re
import sys

from pymilvus import DataType, MilvusClient

from shapes import TEXT_KEYS

ROWS = 120
FLAT = {"index_type": "FLAT", "metric_type": "L2"}
INT_KEYS = [-(2**63), -(2**63) + 1, -(2**53) - 1, -7, 0, 7, 2**53 + 1, 2**63 - 2]


def tame(keys):
    """pymilvus puts keys into expressions as they are: odd ones can be written by it, but not asked for or deleted."""
    return [key for key in keys if (key > -(2**62) if isinstance(key, int) else re.fullmatch("[a-zA-Z0-9 .]+", key))]


class Chain:
    def __init__(self, address, prefix, seed, step):
        self.client = MilvusClient(f"http://{address}")
        self.lite = self.client.get_server_version().startswith("milvus_lite")
        self.prefix, self.step = prefix, step
        self.dice = random.Random(f"{seed}/{step}")
        self.did = []

    def name(self, short):
        return f"{self.prefix}_{short}"

    def has(self, short):
        return self.client.has_collection(self.name(short))

    def create(self, short, key, extra=(), **options):
        schema = MilvusClient.create_schema(enable_dynamic_field=options.pop("dynamic", False), auto_id=options.pop("auto", False))
        schema.add_field("id", key, is_primary=True, **({"max_length": 2000} if key == DataType.VARCHAR else {}))
        for field, kind, more in extra:
            schema.add_field(field, kind, **more)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
        index = self.client.prepare_index_params()
        index.add_index("vector", **FLAT)
        self.client.create_collection(self.name(short), schema=schema, index_params=index, consistency_level="Strong", **options)
        self.client.load_collection(self.name(short))

    def vector(self):
        return [self.dice.uniform(-1, 1) for _ in range(4)]

    def keys(self, short, partition=None):
        described = self.client.describe_collection(self.name(short))
        text = any(f["name"] == "id" and f["type"] == DataType.VARCHAR for f in described["fields"])
        everything = 'id >= ""' if text else "id >= -9223372036854775807 or id < -9223372036854775807"
        found = self.client.query(self.name(short), filter=everything, output_fields=["id"], consistency_level="Strong",
                                  **({} if partition is None else {"partition_names": [partition]}))
        return sorted({row["id"] for row in found})

    def some(self, keys, share):
        return self.dice.sample(keys, max(1, int(len(keys) * share))) if keys else []

    def rows(self, short, keys):
        make = {
            "ints": lambda k: {"id": k, "title": self.dice.choice(["a", "b'\"", "\n", "é😀", ""]), "extra": {"n": [k, self.dice.random()]}},
            "texts": lambda k: {"id": k, "numbers": [self.dice.randrange(1000) for _ in range(self.dice.randrange(4))]},
            "keyed": lambda k: {"id": k, "tenant": self.dice.choice(["x", "y", "z"])},
            "auto": lambda k: {"title": str(self.dice.random())},
            "reborn": lambda k: {"id": k, "score": self.dice.uniform(-9, 9)},
            "other": lambda k: {"id": k, "word": str(self.dice.random())},
            "guest": lambda k: {"id": k},
            "nulls": lambda k: {"id": k, "maybe": self.dice.choice([None, 1, 2])},
            "still": lambda k: {"id": k},
        }[short]
        return [{**make(key), "vector": self.vector()} for key in keys]

    def put(self, short, keys, partition=None, upsert=False, kind=None):
        rows = self.rows(kind or short, keys)
        if not rows:
            return
        send = self.client.upsert if upsert else self.client.insert
        send(self.name(short), rows, **({} if partition is None else {"partition_name": partition}))

    def again(self, short, keys, partition=None):
        """Writes rows as they are."""
        keys = tame(keys)
        if not keys:
            return
        found = self.client.get(self.name(short), keys, output_fields=["*"])
        rows = [{k: ([float(x) for x in v] if k == "vector" else list(v) if k == "numbers" else v) for k, v in row.items()} for row in found]
        self.client.upsert(self.name(short), rows, **({} if partition is None else {"partition_name": partition}))

    def delete(self, short, keys, partition=None):
        keys = tame(keys)
        if keys:
            self.client.delete(self.name(short), ids=keys, **({} if partition is None else {"partition_name": partition}))

    def make(self):
        self.create("ints", DataType.INT64, [("title", DataType.VARCHAR, {"max_length": 100})], dynamic=True)
        for partition in ("p1", "p2"):
            self.client.create_partition(self.name("ints"), partition)
        self.client.load_collection(self.name("ints"))
        self.put("ints", INT_KEYS + self.dice.sample(range(10**6), ROWS), "_default")
        self.put("ints", self.dice.sample(range(-(10**6), 0), ROWS), "p1")
        self.create("texts", DataType.VARCHAR, [("numbers", DataType.ARRAY, {"element_type": DataType.INT64, "max_capacity": 9})])
        self.put("texts", TEXT_KEYS + [f"key {self.dice.random()}" for _ in range(ROWS)])
        self.create("keyed", DataType.INT64, [("tenant", DataType.VARCHAR, {"max_length": 10, "is_partition_key": True})], num_partitions=4)
        self.put("keyed", range(ROWS))
        self.create("auto", DataType.INT64, [("title", DataType.VARCHAR, {"max_length": 100})], auto=True)
        self.put("auto", range(ROWS))
        self.create("still", DataType.INT64)
        self.put("still", range(ROWS))
        self.reborn("reborn")
        if self.lite:
            self.create("nulls", DataType.INT64, [("maybe", DataType.INT64, {"nullable": True})])
            self.put("nulls", range(ROWS))

    def reborn(self, kind):
        if self.has("reborn"):
            self.client.drop_collection(self.name("reborn"))
        fields = {"reborn": ("score", DataType.DOUBLE, {}), "other": ("word", DataType.VARCHAR, {"max_length": 50})}
        self.create("reborn", DataType.INT64, [fields[kind]])
        self.put("reborn", self.dice.sample(range(200), 60), kind=kind)

    def change(self, short, partition=None, keys_like=None):
        keys = self.keys(short, partition)
        what = self.dice.choice(["insert", "delete", "upsert", "again", "all", "nothing"])
        self.did.append(f"{short}{'' if partition is None else '/' + partition}: {what}")
        if what in ("insert", "all"):
            fresh = [keys_like() for _ in range(25)]
            self.put(short, [key for key in fresh if key not in set(keys)], partition)
        if what in ("delete", "all"):
            self.delete(short, self.some(keys, 0.15), partition)
        if what in ("upsert", "all"):
            self.put(short, self.some(keys, 0.1), partition, upsert=True)
        if what in ("again", "all"):
            self.again(short, self.some(keys, 0.2), partition)

    def turn(self):
        number = lambda: self.dice.randrange(-(2**62), 2**62)
        for partition in self.client.list_partitions(self.name("ints")):
            self.change("ints", partition, number)
        self.change("texts", None, lambda: f"{self.dice.choice(TEXT_KEYS)[:20]}{self.dice.random()}")
        self.change("keyed", None, number)
        keys = self.keys("auto")
        self.put("auto", range(self.dice.randrange(10)))
        self.delete("auto", self.some(keys, 0.1))
        if self.lite:
            self.change("nulls", None, number)
        self.once()

    def once(self):
        """What happens at one step only."""
        ints = self.name("ints")
        if self.step == 2:
            self.did.append("partition p3 added")
            self.client.create_partition(ints, "p3")
            self.client.load_collection(ints) if self.lite else self.client.load_partitions(ints, ["p3"])
            self.put("ints", range(2 * 10**6, 2 * 10**6 + 40), "p3")
        if self.step == 4:
            self.did.append("reborn has another schema")
            self.reborn("other")
        if self.step == 6:
            self.did.append("partition p1 emptied")
            self.delete("ints", self.keys("ints", "p1"), "p1")
        if self.step == 7:
            self.did.append("reborn has its schema and other rows")
            self.reborn("other")
        if self.step == 8:
            self.did.append("partition p3 dropped, guest comes")
            self.client.release_partitions(ints, ["p3"]) if not self.lite else self.client.release_collection(ints)
            self.client.drop_partition(ints, "p3")
            self.client.load_collection(ints)
            self.create("guest", DataType.INT64)
            self.put("guest", range(30))
        if self.step == 10:
            self.did.append("guest goes")
            self.client.drop_collection(self.name("guest"))
        if self.step == 12:
            self.did.append("guest is back")
            self.create("guest", DataType.INT64)
            self.put("guest", range(10, 50))


def main():
    address, prefix, seed, step = sys.argv[1:]
    chain = Chain(address, prefix, seed, int(step))
    chain.make() if chain.step == 0 else chain.turn()
    names = sorted(name for name in chain.client.list_collections() if name.startswith(prefix) and "__p" not in name)
    print(json.dumps({"did": chain.did, "collections": [["default", name] for name in names]}))


if __name__ == "__main__":
    main()
