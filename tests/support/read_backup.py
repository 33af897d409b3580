"""Reads a milvault repository with nothing but docs/backup-format.md and pyarrow.

    read_backup.py REPOSITORY BACKUP_ID    prints one JSON object: collections with their rows
    read_backup.py --example               prints encoding and fingerprint of the page's worked example

Ends with a traceback where anything does not hold that the page promises (levels V0 to V3).
"""

import hashlib
import io
import json
import os
import re
import struct
import sys

import pyarrow
import pyarrow.parquet as parquet

NUMBERS = {
    "Bool": 1, "Int8": 2, "Int16": 3, "Int32": 4, "Int64": 5, "Float": 10, "Double": 11, "VarChar": 21, "Array": 22,
    "JSON": 23, "Geometry": 24, "Timestamptz": 26, "BinaryVector": 100, "FloatVector": 101, "Float16Vector": 102,
    "BFloat16Vector": 103, "SparseFloatVector": 104, "Int8Vector": 105,
}  # fmt: skip
ID = "[0-9a-hjkmnp-tv-z]{26}"
sys.set_int_max_str_digits(0)  # exponents in JSON may be of any length
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


class Malformed(Exception):
    """A value that is not what its type says, and is compared as it is spelt."""


def u32(number):
    return struct.pack("<I", number)


def sized(data):
    return u32(len(data)) + data


# Objects


def read(root, key):
    with open(os.path.join(root, key), "rb") as file:
        return file.read()


def read_sealed(root, key):
    data = read(root, key)
    body, seal = data[:-77], data[-77:]
    assert seal == b',"sha256":"%s"}' % hashlib.sha256(body).hexdigest().encode(), f"seal of {key}"
    return json.loads(data)


def read_hashed(root, key, digest):
    data = read(root, key)
    assert hashlib.sha256(data).hexdigest() == digest, f"hash of {key}"
    return data


def coll_key(database, collection):
    bits = int.from_bytes(hashlib.sha256(f"{database}\0{collection}".encode()).digest(), "big") >> (256 - 130)
    return "".join(LETTERS[(bits >> (5 * (25 - i))) & 31] for i in range(26))


# Canonical encoding


def canonical_number(text):
    sign, whole, fraction, exponent = re.fullmatch(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?", text).groups()
    digits = whole + (fraction or "")
    power = int(exponent or 0) - len(fraction or "")
    kept = digits.rstrip("0")
    power += len(digits) - len(kept)
    kept = kept.lstrip("0")
    return f"{sign}{kept}e{power}" if kept else "0e0"


class Number(str):
    pass


class Members(list):
    pass


def refuse(text):
    raise Malformed(text)


def canonical_json(data):
    try:
        value = json.loads(
            data.decode("utf-8"), parse_int=Number, parse_float=Number, parse_constant=refuse, object_pairs_hook=Members
        )
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    return canonical_value(value, 0)


def canonical_value(value, depth):
    if value is None:
        return b"n"
    if value is True:
        return b"t"
    if value is False:
        return b"f"
    if isinstance(value, Number):
        return b"#" + sized(canonical_number(value).encode())
    if isinstance(value, str):
        return b'"' + sized(value.encode("utf-8", "surrogatepass"))
    if depth >= 200:
        raise Malformed("too deep")
    if isinstance(value, Members):
        members = sorted(((key.encode("utf-8", "surrogatepass"), one) for key, one in value), key=lambda one: one[0])
        return b"{" + u32(len(members)) + b"".join(sized(key) + canonical_value(one, depth + 1) for key, one in members)
    return b"[" + u32(len(value)) + b"".join(canonical_value(one, depth + 1) for one in value)


def varint(data, at):
    number, shift = 0, 0
    while True:
        if at >= len(data):
            raise Malformed("cut varint")
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return number & (2**64 - 1), at


def records(data):
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        wire = tag & 7
        if wire == 0:
            value, at = varint(data, at)
        else:
            if wire == 2:
                length, at = varint(data, at)
            elif wire in (1, 5):
                length = 8 if wire == 1 else 4
            else:
                raise Malformed("wire type")
            if at + length > len(data):
                raise Malformed("cut record")
            value, at = data[at : at + length], at + length
        yield tag >> 3, wire, value


def signed(number, bits):
    number &= 2**bits - 1
    return number - 2**bits if number >> (bits - 1) else number


def varints(data):
    at = 0
    while at < len(data):
        number, at = varint(data, at)
        yield number


def array_elements(member, data):
    for field, wire, value in records(data):
        if field != 1:
            raise Malformed("unknown field")
        if member == 6:
            if wire != 2:
                raise Malformed("text")
            yield value
        elif member in (4, 5):
            width = 4 if member == 4 else 8
            if wire == 0 or len(value) % width or (wire != 2 and len(value) != width):
                raise Malformed("float")
            yield from (value[at : at + width] for at in range(0, len(value), width))
        elif wire in (0, 2):
            for number in [value] if wire == 0 else varints(value):
                yield signed(number, 32) if member == 2 else signed(number, 64)
        else:
            raise Malformed("integer")


def array_member(data):
    member, elements = 0, []
    for field, wire, value in records(data):
        if not 1 <= field <= 6 or wire != 2:
            raise Malformed("unknown member")
        if field != member:
            member, elements = field, []
        elements += array_elements(field, value)
    return member, elements


def canonical_array(data):
    member, elements = array_member(data)
    kind = {0: 0, 1: 1, 2: 2, 3: 2, 4: 3, 5: 4, 6: 5}[member] if elements else 0
    encode = {
        1: lambda one: b"\1" if one else b"\0",
        2: lambda one: struct.pack("<q", one),
        3: bytes,
        4: bytes,
        5: sized,
    }
    return bytes([kind]) + u32(len(elements)) + b"".join(encode[kind](one) for one in elements)


def canonical_sparse(data):
    if len(data) % 8:
        raise Malformed("length")
    pairs = sorted((data[at : at + 8] for at in range(0, len(data), 8)), key=lambda pair: pair[:4][::-1])
    return sized(b"".join(pairs))


def formed(canonical, data):
    try:
        return b"\1" + canonical(data)
    except Malformed:
        return b"\0" + sized(data)


def canonical_field(kind, value):
    if kind in ("Bool", "Int8", "Int16", "Int32", "Int64"):
        return struct.pack("<q", value)
    if kind == "JSON":
        return formed(lambda data: sized(canonical_json(data)), value)
    if kind == "Array":
        return formed(canonical_array, value)
    if kind == "SparseFloatVector":
        return formed(canonical_sparse, value)
    return value if kind in ("Float", "Double") else sized(value)


def canonical_row(fields):
    """`fields`: (name, type, value) each; the value of a Float or Double is its bytes."""
    encoded = b"\1"
    for name, kind, value in sorted(fields, key=lambda field: field[0].encode()):
        encoded += sized(name.encode()) + bytes([NUMBERS[kind], 0 if value is None else 1])
        if value is not None:
            encoded += canonical_field(kind, value)
    return encoded


def fingerprint(fields):
    return hashlib.sha256(canonical_row(fields)).digest()[:16]


# Chunks


def column_values(table, field):
    """One value a row, None for null: numbers as numbers, Float and Double as their bytes, the rest as bytes."""
    column = table.column(field["name"]).combine_chunks()
    kind = field["type"]
    if kind in ("Float", "Double"):
        width = 4 if kind == "Float" else 8
        memory = column.buffers()[1].to_pybytes()[column.offset * width :]
        present = column.is_valid().to_pylist()
        return [memory[i * width : i * width + width] if has else None for i, has in enumerate(present)]
    if kind in ("VarChar", "Geometry", "Timestamptz", "JSON"):
        column = column.cast("binary")
    return column.to_pylist()


def read_deletions(root, part, rows):
    """Places of the rows that are no longer there."""
    if part is None:
        return set()
    assert part["fileRows"] == rows
    frame = read(root, part["key"])[part["offset"] : part["offset"] + part["size"]]
    assert hashlib.sha256(frame).hexdigest() == part["sha256"], f"hash in {part['key']}"
    size = (rows + 7) // 8
    bits = pyarrow.decompress(frame, decompressed_size=size, codec="zstd", asbytes=True)
    assert len(bits) == size
    marked = {i for i in range(size * 8) if bits[i // 8] >> (i % 8) & 1}
    assert all(i < rows for i in marked)
    return marked


def read_chunk(root, chunk, primary_key):
    data = read_hashed(root, chunk["key"], chunk["sha256"])
    assert len(data) == chunk["size"], f"size of {chunk['key']}"
    file = parquet.ParquetFile(io.BytesIO(data), arrow_extensions_enabled=False)
    table = file.read()
    ours = json.loads(file.metadata.metadata[b"milvault"])
    assert ours["version"] == 1 and ours["canonical"] == 1 and ours["primaryKey"] == primary_key
    columns = {field["name"]: column_values(table, field) for field in ours["columns"]}
    types = {field["name"]: field["type"] for field in ours["columns"]}
    stored = table.column(ours["fingerprintColumn"]).to_pylist()
    gone = read_deletions(root, chunk.get("deletions"), table.num_rows)
    total, rows = 0, []
    for i in range(table.num_rows):
        row = [(name, types[name], values[i]) for name, values in columns.items()]
        assert fingerprint(row) == stored[i], f"fingerprint of row {i} of {chunk['key']}"
        if i in gone:
            continue
        total += int.from_bytes(stored[i], "big")
        rows.append(row)
    assert len(rows) == chunk["rows"] and "%032x" % (total % 2**128) == chunk["contentSum"], chunk["key"]
    keys = columns[primary_key]
    assert all(a < b for a, b in zip(keys, keys[1:])), f"key order of {chunk['key']}"
    text = lambda key: str(key) if isinstance(key, int) else key.decode()
    assert (text(keys[0]), text(keys[-1])) == (chunk["keyMin"], chunk["keyMax"]), f"key range of {chunk['key']}"
    return rows


def read_collection(root, entry, folder, folders):
    assert entry["collKey"] == coll_key(entry["database"], entry["collection"])
    assert re.fullmatch(f"{folder}{entry['collKey']}/index-{ID}\\.json", entry["indexKey"])
    index = json.loads(read_hashed(root, entry["indexKey"], entry["indexSha256"]))
    assert (index["rows"], index["contentSum"]) == (entry["rows"], entry["contentSum"])
    rows, seen = [], set()
    for chunk in index["chunks"]:
        place = f"{folders}{entry['collKey']}/"
        assert re.fullmatch(f"{place}[0-9]{{8}}-[0-9a-z-]{{1,40}}\\.parquet", chunk["key"])
        assert "deletions" not in chunk or re.fullmatch(f"{place}deletions-{ID}\\.bin", chunk["deletions"]["key"])
        found = read_chunk(root, chunk, index["primaryKey"])
        keys = [(chunk["partition"], value) for row in found for name, _, value in row if name == index["primaryKey"]]
        assert not seen.intersection(keys), f"a key of {chunk['key']} is there twice"
        seen.update(keys)
        rows += found
    assert len(rows) == index["rows"]
    total = sum(int(chunk["contentSum"], 16) for chunk in index["chunks"]) % 2**128
    assert "%032x" % total == index["contentSum"]
    return rows


def read_backup(root, backup_id):
    repo = read_sealed(root, "repo.json")
    assert repo["format"]["major"] == 1 and not repo["requiredFeatures"]
    sources = [one for one in os.listdir(os.path.join(root, "slots"))]
    [source_id] = [one for one in sources if os.path.exists(os.path.join(root, "slots", one, f"{backup_id}.json"))]
    assert not os.path.exists(os.path.join(root, "tombs", source_id, f"{backup_id}.json"))
    slot = read_sealed(root, f"slots/{source_id}/{backup_id}.json")
    assert slot["state"] == "committed" and slot["repoId"] == repo["repoId"] and slot["backupId"] == backup_id
    folder = f"data/{source_id}/{backup_id}/"
    assert slot["manifestKey"] == f"{folder}manifest-{slot['attempt']}.json"
    data = read_hashed(root, slot["manifestKey"], slot["manifestSha256"])
    assert len(data) == slot["manifestSize"]
    manifest = json.loads(data)
    assert all(ref < backup_id for ref in manifest["refs"])
    folders = f"data/{source_id}/(?:{'|'.join([backup_id, *manifest['refs']])})/"
    return [(entry, read_collection(root, entry, folder, folders)) for entry in manifest["collections"]]


def main():
    if sys.argv[1] == "--example":
        row = [
            ("id", "Int64", -2),
            ("title", "VarChar", "Zoë".encode()),
            ("score", "Float", None),
            ("tags", "Array", bytes.fromhex("1a050a0301ac02")),
            ("v", "FloatVector", struct.pack("<ff", 1.0, -0.0)),
            ("$meta", "JSON", b'{"b": 1.50, "a": "\\u00e9"}'),
        ]
        print(json.dumps({"encoding": canonical_row(row).hex(), "fingerprint": fingerprint(row).hex()}))
        return
    collections = []
    for entry, rows in read_backup(sys.argv[1], sys.argv[2]):
        shown = [
            {name: value.hex() if isinstance(value, bytes) else value for name, _, value in row} for row in rows
        ]
        collections.append({"collection": entry["collection"], "rows": shown})
    print(json.dumps({"collections": collections}))


main()
