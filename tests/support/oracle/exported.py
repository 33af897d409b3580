"""Reads an export as strangers do: with pyarrow and with DuckDB, which must agree on every bit of every value.

    exported.py FOLDER [--json] -> {"<database>.<collection>": {"columns": [...], "rows": {"<partition>": [[value, ...], ...]}}}

Floats are the hex of their bits, integers decimal text, text and bytes hex; null is null. With --json, JSON
is not its text but {"json": …}, parsed, with numbers as shapes.py shows them.
"""

import hashlib
import json
import os
import struct
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

PARSE_JSON = "--json" in sys.argv


def values(array):
    """Every value of an Arrow array, bit for bit: floats never pass through Python's own."""
    if isinstance(array, pa.ChunkedArray):
        return [one for chunk in array.chunks for one in values(chunk)]
    kind, there = array.type, array.is_valid().to_pylist()
    if isinstance(array, pa.ExtensionArray):
        return values(array.storage)
    if pa.types.is_list(kind):
        offsets, inner = array.offsets.to_pylist(), values(array.values)
        return [inner[offsets[i] : offsets[i + 1]] if there[i] else None for i in range(len(array))]
    if pa.types.is_struct(kind):
        parts = [values(array.field(i)) for i in range(kind.num_fields)]
        return [list(one) if there[i] else None for i, one in enumerate(zip(*parts))]
    if pa.types.is_floating(kind):
        width = kind.bit_width // 8
        memory = array.buffers()[1]
        bits = b"" if memory is None else memory.to_pybytes()[array.offset * width : (array.offset + len(array)) * width]
        return [bits[i * width : (i + 1) * width].hex() if there[i] else None for i in range(len(array))]
    shown = {
        pa.types.is_boolean: bool,
        pa.types.is_integer: str,
        pa.types.is_string: lambda one: one.encode().hex(),
        pa.types.is_binary: lambda one: one.hex(),
        pa.types.is_fixed_size_binary: lambda one: one.hex(),
    }
    show = next(show for test, show in shown.items() if test(kind))
    return [None if one is None else show(one) for one in array.to_pylist()]


def parsed(value):
    if isinstance(value, dict):
        return {"map": sorted([[key, parsed(one)] for key, one in value.items()])}
    if isinstance(value, list):
        return [parsed(one) for one in value]
    if isinstance(value, float):
        return {"float": struct.pack(">d", value).hex()}
    return {"int": str(value)} if isinstance(value, int) and not isinstance(value, bool) else value


def with_json(row, columns):
    def show(one, column):
        return {"json": parsed(json.loads(bytes.fromhex(one)))} if column["type"] == "JSON" and one is not None else one

    return [show(one, column) for one, column in zip(row, columns)]


def read(files, columns):
    """The rows of some files, by both readers."""
    mine, theirs = [], []
    for file in files:
        table = pq.ParquetFile(file).read()
        mine += zip(*[values(column) for column in table.columns])
        found = duckdb.connect().execute("select * from read_parquet(?)", [file]).to_arrow_table()
        theirs += zip(*[values(column) for column in found.columns])
    if mine != theirs:
        raise SystemExit(f"pyarrow and DuckDB differ in {files}:\n{mine}\n{theirs}")
    return [with_json(row, columns) for row in mine] if PARSE_JSON else [list(row) for row in mine]


def main(folder):
    with open(os.path.join(folder, "export.json"), encoding="utf-8") as file:
        record = json.load(file)
    answer, listed = {}, {"export.json"}
    for collection in record["collections"]:
        rows = {}
        for partition in collection["partitions"]:
            files = []
            for one in partition["files"]:
                listed.add(one["path"])
                path = os.path.join(folder, one["path"])
                with open(path, "rb") as file:
                    data = file.read()
                assert (len(data), hashlib.sha256(data).hexdigest()) == (one["bytes"], one["sha256"]), path
                assert pq.ParquetFile(path).metadata.num_rows == one["rows"], path
                files.append(path)
            schema = pq.ParquetFile(files[0]).schema_arrow
            rows[partition["name"]] = read(files, collection["columns"])
        answer[f'{collection["database"]}.{collection["collection"]}'] = {
            "columns": [[field.name, str(field.type)] for field in schema],
            "rows": rows,
        }
    there = {os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names}
    assert there == listed, there ^ listed
    print(json.dumps(answer))


main(sys.argv[1])
