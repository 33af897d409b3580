"""The oracle: makes collections of every shape with pymilvus, and reads collections back field by field.

    shapes.py make  ADDRESS PREFIX [A,B]  -> {"shapes": [{"name", "database", "collection", "rows"}], "skipped": [...]}
    shapes.py dumps ADDRESS < [[database, name], ...]  -> [{"rows": [[partition, row], ...], "fields", "indexes", ...}, ...]
    shapes.py reload ADDRESS < [[database, name], ...]  -> {}
    shapes.py drop  ADDRESS PREFIX   -> {}

A value is printed so that nothing is lost: bytes as hex, floats as the hex of their 64 bits.
"""

import json
import struct
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from pymilvus import DataType, MilvusClient
from pymilvus.exceptions import MilvusException

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
INT_KEYS = [INT64_MIN, INT64_MIN + 1, -(2**53) - 1, -1000, -1, 0, 1, 2, 7, 2**53 + 1, INT64_MAX - 1]
TEXT_KEYS = [
    "", " ", "a", "A", "a'b", 'a"b', "a\\b", "a\\", "\\n", "line\nbreak", "tab\tkey", "cr\rkey", "é", "e\u0301", "中文",
    "😀", "\uffff", "\U0010ffff", "\ufeffbom", "a/b", "../up", "%like_", "${x}", "{x}", "null", "x" * 900,
]


def bits(value):
    return struct.pack(">d", float(value)).hex()


def plain(value):
    """JSON that tells apart what Python tells apart."""
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, np.ndarray):
        return {"bytes": value.tobytes().hex(), "dtype": str(value.dtype)}
    if isinstance(value, (np.floating, float)):
        return {"float": bits(value)}
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, (np.integer, int)):
        return {"int": str(int(value))}
    if isinstance(value, dict):
        return {"map": sorted([[str(k), plain(v)] for k, v in value.items()])}
    if isinstance(value, (str, type(None))):
        return value
    if hasattr(value, "__iter__"):
        return [plain(one) for one in value]
    return str(value)  # messages of the protocol


class Maker:
    def __init__(self, address, prefix, only):
        self.only = [name for name in only.split(",") if name]
        self.address, self.prefix = address, prefix
        self.client = MilvusClient(f"http://{address}")
        self.lite = self.client.get_server_version().startswith("milvus_lite")
        self.shapes, self.skipped = [], []
        self.pool, self.tasks = ThreadPoolExecutor(6), []

    def make(self, *args, **options):
        """Servers take seconds to load a collection, and mostly wait: so several at once."""
        if self.only and args[0] not in self.only:
            return
        self.tasks.append(self.pool.submit(self.make_one, *args, **options))

    def done(self):
        for task in self.tasks:
            task.result()
        return {"shapes": sorted(self.shapes, key=lambda one: one["name"]), "skipped": self.skipped}

    def make_one(self, shape, fields, rows, dynamic=False, partitions=(), partition_key=None, auto_id=False, indexes=None,
             database=None, properties=None, aliases=(), description="", **create):
        client = self.client if database is None else self.in_database(database)
        name = f"{self.prefix}_{shape}"
        try:
            schema = client.create_schema(auto_id=auto_id, enable_dynamic_field=dynamic, description=description,
                                          **({} if partition_key is None else {"partition_key_field": partition_key}))
            for field, kind, options in fields:
                schema.add_field(field, kind, **options)
            client.create_collection(name, schema=schema, **({} if properties is None else {"properties": properties}), **create)
            params = client.prepare_index_params()
            for field, options in (indexes or {"vector": {"index_type": "FLAT", "metric_type": "L2"}}).items():
                params.add_index(field_name=field, **options)
            client.create_index(name, params)
            for partition in partitions:
                client.create_partition(name, partition)
            for partition, some in (rows.items() if isinstance(rows, dict) else [(None, rows)]):
                if some:
                    client.insert(name, some, **({} if partition is None else {"partition_name": partition}))
            for alias in aliases:
                client.create_alias(name, f"{self.prefix}_{alias}")
            client.load_collection(name)
        except MilvusException as error:
            # A shape that the server does not serve: told, so that a test can say which must be there.
            self.skipped.append({"name": shape, "why": str(error)[:300]})
            if client.has_collection(name):
                client.drop_collection(name)
            return
        count = sum(len(some) for some in rows.values()) if isinstance(rows, dict) else len(rows)
        self.shapes.append({"name": shape, "database": database or "default", "collection": name, "rows": count})

    def in_database(self, database):
        if database not in self.client.list_databases():
            self.client.create_database(database)
        return MilvusClient(f"http://{self.address}", db_name=database)


def vector(seed, dim=8):
    return np.random.default_rng(seed).standard_normal(dim).astype(np.float32).tolist()


VECTOR = ("vector", DataType.FLOAT_VECTOR, {"dim": 8})
INT_KEY = ("id", DataType.INT64, {"is_primary": True})
TEXT_KEY = ("id", DataType.VARCHAR, {"is_primary": True, "max_length": 1000})


def scalars(i):
    edge = [0, 1, -1, 127, -128]
    return {
        "flag": i % 2 == 0,
        "i8": edge[i % 5],
        "i16": [0, 32767, -32768][i % 3],
        "i32": [0, 2**31 - 1, -(2**31), -1][i % 4],
        "i64": [0, INT64_MAX, INT64_MIN, -1][i % 4],
        "f32": [0.0, -0.0, 1.5, -1e-38, 3.4e38][i % 5],
        "f64": [0.0, -0.0, 0.1, 1e308, 5e-324][i % 5],
        "text": ["", "a'b\"c\\d\n\t", "😀é中", "x" * 300][i % 4],
    }


SCALAR_FIELDS = [
    ("flag", DataType.BOOL, {}), ("i8", DataType.INT8, {}), ("i16", DataType.INT16, {}), ("i32", DataType.INT32, {}),
    ("i64", DataType.INT64, {}), ("f32", DataType.FLOAT, {}), ("f64", DataType.DOUBLE, {}),
    ("text", DataType.VARCHAR, {"max_length": 1200}),
]
NESTED = [{}, {"a": [1, 2.5, None, {"b": "😀\n"}], "n": 2**53 + 1}, {"k": "v'\"\\"}, {"deep": {"x": {"y": [True, False]}}}]


def make_all(address, prefix, only=""):
    m = Maker(address, prefix, only)
    m.make("int_keys", [INT_KEY, VECTOR], [{"id": k, "vector": vector(i)} for i, k in enumerate(INT_KEYS)])
    m.make("int_max", [INT_KEY, VECTOR], [{"id": k, "vector": vector(1)} for k in (5, INT64_MAX)])
    m.make("text_keys", [TEXT_KEY, VECTOR], [{"id": k, "vector": vector(i)} for i, k in enumerate(TEXT_KEYS)])
    m.make("scalars", [INT_KEY, *SCALAR_FIELDS, VECTOR],
           [{"id": i, "vector": vector(i), **scalars(i)} for i in range(60)], description="every scalar, with its limits")
    m.make("json", [INT_KEY, ("doc", DataType.JSON, {}), VECTOR],
           [{"id": i, "vector": vector(i), "doc": NESTED[i % 4]} for i in range(20)])
    m.make("dynamic", [INT_KEY, VECTOR],
           [{"id": i, "vector": vector(i), **({} if i % 3 == 0 else {"colour": "r'\"ed", "n": i, "list": [1, "x"]})} for i in range(20)],
           dynamic=True)
    m.make("arrays", [INT_KEY, ("ints", DataType.ARRAY, {"element_type": DataType.INT64, "max_capacity": 10}),
                      ("texts", DataType.ARRAY, {"element_type": DataType.VARCHAR, "max_capacity": 10, "max_length": 50}),
                      ("floats", DataType.ARRAY, {"element_type": DataType.FLOAT, "max_capacity": 10}),
                      ("flags", DataType.ARRAY, {"element_type": DataType.BOOL, "max_capacity": 10}), VECTOR],
           [{"id": i, "vector": vector(i), "ints": [INT64_MIN, -1, INT64_MAX][: i % 4], "texts": ["", "é\n"][: i % 3],
             "floats": [0.5, -0.0][: i % 3], "flags": [True, False][: i % 3]} for i in range(20)])
    m.make("partitions", [INT_KEY, VECTOR],
           {"_default": [{"id": i, "vector": vector(i)} for i in range(10)],
            "europe": [{"id": 100 + i, "vector": vector(i)} for i in range(15)],
            "asia": [{"id": 200 + i, "vector": vector(i)} for i in range(5)], "empty": []},
           partitions=["europe", "asia", "empty"])
    m.make("partition_key", [INT_KEY, ("tenant", DataType.VARCHAR, {"max_length": 50}), VECTOR],
           [{"id": i, "tenant": f"tenant '{i % 7}'", "vector": vector(i)} for i in range(50)], partition_key="tenant", num_partitions=4)
    m.make("auto_ids", [("id", DataType.INT64, {"is_primary": True}), VECTOR],
           [{"vector": vector(i)} for i in range(20)], auto_id=True)
    m.make("auto_text_ids", [("id", DataType.VARCHAR, {"is_primary": True, "max_length": 64}), VECTOR],
           [{"vector": vector(i)} for i in range(20)], auto_id=True)
    m.make("empty", [INT_KEY, VECTOR], [])
    m.make("aliases", [INT_KEY, VECTOR], [{"id": i, "vector": vector(i)} for i in range(3)], aliases=["alias_a", "alias_b"])
    m.make("ttl", [INT_KEY, VECTOR], [{"id": i, "vector": vector(i)} for i in range(3)],
           properties={"collection.ttl.seconds": "86400"})
    m.make("in_database", [INT_KEY, VECTOR], [{"id": i, "vector": vector(i)} for i in range(3)], database=f"{prefix}_db")
    m.make("consistency", [INT_KEY, VECTOR], [{"id": i, "vector": vector(i)} for i in range(3)], consistency_level="Strong")
    m.make("index_ivf", [INT_KEY, VECTOR], [{"id": i, "vector": vector(i)} for i in range(30)],
           indexes={"vector": {"index_type": "IVF_FLAT", "metric_type": "IP", "params": {"nlist": 4}}})
    m.make("index_hnsw", [INT_KEY, VECTOR, ("text", DataType.VARCHAR, {"max_length": 50})],
           [{"id": i, "vector": vector(i), "text": str(i)} for i in range(30)],
           indexes={"vector": {"index_type": "HNSW", "metric_type": "COSINE", "params": {"M": 8, "efConstruction": 64}},
                    "text": {"index_type": "Trie"} if not m.lite else {"index_type": "INVERTED"}})
    m.make("binary", [INT_KEY, ("vector", DataType.BINARY_VECTOR, {"dim": 32})],
           [{"id": i, "vector": bytes([i, 255 - i, 0, 128])} for i in range(20)],
           indexes={"vector": {"index_type": "BIN_FLAT", "metric_type": "HAMMING"}})
    m.make("float16", [INT_KEY, ("vector", DataType.FLOAT16_VECTOR, {"dim": 8})],
           [{"id": i, "vector": np.array(vector(i), dtype=np.float16)} for i in range(20)])
    m.make("sparse", [INT_KEY, ("vector", DataType.SPARSE_FLOAT_VECTOR, {})],
           [{"id": i, "vector": {0: 0.5, 7 + i: 1.25, 4000000000: 2.0}} for i in range(20)],
           indexes={"vector": {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"}})
    nullable = [(name, kind, {**options, "nullable": True}) for name, kind, options in SCALAR_FIELDS]
    m.make("nulls", [INT_KEY, *nullable, ("doc", DataType.JSON, {"nullable": True}),
                     ("ints", DataType.ARRAY, {"element_type": DataType.INT64, "max_capacity": 5, "nullable": True}), VECTOR],
           [{"id": i, "vector": vector(i),
             **{k: (None if (i + at) % 3 == 0 else v) for at, (k, v) in enumerate({**scalars(i), "doc": NESTED[i % 4], "ints": [i, -i]}.items())}}
            for i in range(30)])
    m.make("defaults", [INT_KEY, ("size", DataType.INT64, {"default_value": 42}),
                        ("word", DataType.VARCHAR, {"max_length": 20, "default_value": "dflt", "nullable": True}), VECTOR],
           [{"id": i, "vector": vector(i), **({} if i % 3 == 0 else {"size": i, "word": None if i % 3 == 1 else "given"})} for i in range(12)])
    m.make("geometry", [INT_KEY, ("place", DataType.GEOMETRY, {}), VECTOR],
           [{"id": i, "vector": vector(i), "place": f"POINT ({i} {-i})"} for i in range(5)])
    m.make("two_vectors", [INT_KEY, VECTOR, ("other", DataType.FLOAT_VECTOR, {"dim": 4})],
           [{"id": i, "vector": vector(i), "other": vector(i, 4)} for i in range(10)],
           indexes={"vector": {"index_type": "FLAT", "metric_type": "L2"}, "other": {"index_type": "FLAT", "metric_type": "IP"}})
    m.make("bfloat16", [INT_KEY, ("vector", DataType.BFLOAT16_VECTOR, {"dim": 4})],
           [{"id": i, "vector": bytes([i, 63, 128, 191, 0, 0, 1, 64])} for i in range(20)])
    m.make("times", [INT_KEY, ("at", DataType.TIMESTAMPTZ, {"nullable": True}), VECTOR],
           [{"id": i, "vector": vector(i), "at": None if i == 2 else f"2024-02-29T23:59:5{i}.123456+02:00"} for i in range(5)])
    return m.done()


def aliases_of(client, name, described):
    """Milvus says them here; Lite only when asked, and Milvus 2.3 fails when asked in a database."""
    lite = client.get_server_version().startswith("milvus_lite")
    return sorted(client.list_aliases(name)["aliases"] if lite else described.get("aliases") or [])


def everything(described):
    key = next(f["name"] for f in described["fields"] if f.get("is_primary"))
    text = any(f["name"] == key and f["type"] == DataType.VARCHAR for f in described["fields"])
    return f'{key} >= ""' if text else f"{key} >= -9223372036854775807 or {key} < -9223372036854775807"


def counted(client, name, described):
    """How many rows the server sees: of two with one key, a query gives one."""
    return client.query(name, filter=everything(described), output_fields=["count(*)"], consistency_level="Strong")[0]["count(*)"]


def all_rows(client, name, described):
    """Every row with its partition; by the oracle's own iteration over partitions, not over keys."""
    fields = [f["name"] for f in described["fields"]] + (["$meta"] if described.get("enable_dynamic_field") else [])
    keyed = any(f.get("is_partition_key") for f in described["fields"])
    rows = []
    for partition in [None] if keyed else client.list_partitions(name):
        found = client.query(name, filter=everything(described), output_fields=fields, consistency_level="Strong",
                             **({} if partition is None else {"partition_names": [partition]}))
        rows += [[partition, plain(dict(row))] for row in found]
    return sorted(rows, key=json.dumps)


def dump(address, database, name):
    client = MilvusClient(f"http://{address}", db_name=database)
    described = client.describe_collection(name)
    fields = []
    for field in described["fields"]:
        fields.append({k: plain(v) for k, v in field.items() if k not in ("field_id",)})
    indexes = []
    for index in client.list_indexes(name):
        one = client.describe_index(name, index)
        indexes.append({k: one.get(k) for k in ("field_name", "index_name", "index_type", "metric_type", "M", "efConstruction", "nlist")})
    before = counted(client, name, described)
    rows = all_rows(client, name, described)
    return {
        "rows": rows,
        "counted": [before, counted(client, name, described)],
        "fields": sorted(fields, key=json.dumps),
        "description": described["description"],
        "dynamic": described["enable_dynamic_field"],
        "autoId": described["auto_id"],
        "consistency": described.get("consistency_level"),
        "properties": {k: v for k, v in sorted((described.get("properties") or {}).items())},
        "shards": described.get("num_shards"),
        "aliases": aliases_of(client, name, described),
        "partitions": sorted(client.list_partitions(name)),
        "indexes": sorted(indexes, key=json.dumps),
        "loaded": str(client.get_load_state(name)["state"]),
    }


def drop_all(address, prefix):
    root = MilvusClient(f"http://{address}")
    for database in root.list_databases():
        if database != "default" and not database.startswith(prefix):
            continue
        client = MilvusClient(f"http://{address}", db_name=database)
        for name in client.list_collections():
            if not name.startswith(prefix):
                continue
            described = client.describe_collection(name)
            for alias in aliases_of(client, name, described):
                client.drop_alias(alias)
            client.drop_collection(name)
        if database != "default":
            root.drop_database(database)
    return {}


def dump_all(address):
    return [dump(address, database, name) for database, name in json.loads(sys.stdin.read())]


def reload_all(address):
    """What Milvus shows afterwards is what it has stored, with every deletion."""
    for database, name in json.loads(sys.stdin.read()):
        client = MilvusClient(f"http://{address}", db_name=database)
        client.release_collection(name)
        client.load_collection(name)
    return {}


COMMANDS = {"make": make_all, "drop": drop_all, "dumps": dump_all, "reload": reload_all}


def main():
    command, *arguments = sys.argv[1:]
    print(json.dumps(COMMANDS[command](*arguments)))


if __name__ == "__main__":
    main()
