"""Fills a Milvus with the sample, unless it is there: fill.py ADDRESS COLLECTION DIMS < films.json

Films come as a JSON list of rows. Says "kept" or "filled" and the number of rows.
"""

import json
import sys

from pymilvus import DataType, MilvusClient

BATCH = 1000


def schema_of(dims):
    schema = MilvusClient.create_schema(enable_dynamic_field=True, description="3,201 films of vega-datasets")
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("title", DataType.VARCHAR, max_length=256)
    schema.add_field("year", DataType.INT16)
    schema.add_field("genre", DataType.VARCHAR, max_length=64, nullable=True)
    schema.add_field("rating", DataType.FLOAT, nullable=True)
    schema.add_field("gross", DataType.INT64, nullable=True)
    schema.add_field("facts", DataType.JSON)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=dims)
    return schema


def count(client, collection):
    return client.query(collection, filter="", output_fields=["count(*)"])[0]["count(*)"]


def holds(client, collection, rows):
    """A fill that was cut off is filled again."""
    if not client.has_collection(collection):
        return False
    client.load_collection(collection)
    if count(client, collection) == rows:
        return True
    client.drop_collection(collection)
    return False


def fill(client, collection, dims, films):
    index = MilvusClient.prepare_index_params()
    index.add_index("embedding", index_type="FLAT", metric_type="COSINE")
    client.create_collection(collection, schema=schema_of(dims), index_params=index)
    for start in range(0, len(films), BATCH):
        client.insert(collection, films[start : start + BATCH])
    client.flush(collection)
    client.load_collection(collection)


def main(address, collection, dims):
    films = json.load(sys.stdin)
    client = MilvusClient(uri="http://" + address)
    kept = holds(client, collection, len(films))
    if not kept:
        fill(client, collection, dims, films)
    rows = count(client, collection)
    if rows != len(films):
        sys.exit(f"the sample: expected {len(films)} rows after the fill, got {rows}")
    print("kept" if kept else "filled", rows)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
