import { readFileSync } from 'node:fs';
import type { Column, DataTypeName, FieldShape, RowBatch } from '@milvault/shared';
import { addContentSums, contentSum, EMPTY_SUM, fingerprints } from '@milvault/repository';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyBatch } from '../../support/any-batch.ts';

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const print = (batch: RowBatch): string => Buffer.from(fingerprints(batch)).toString('hex');

const column = (
  name: string,
  type: DataTypeName,
  data: Column['data'],
  more: Partial<FieldShape> = {},
  valid: Uint8Array | null = null,
): Column => ({
  field: { name, type, nullable: valid !== null, ...more },
  data,
  valid,
});
const bytesColumn = (type: DataTypeName, value: Uint8Array): Column =>
  column('x', type, { kind: 'bytes', values: [value] });
const one = (...columns: Column[]): RowBatch => ({ rows: 1, primaryKey: 'x', columns });
const ofBytes = (type: DataTypeName, value: Uint8Array): string => print(one(bytesColumn(type, value)));

describe('the fingerprint of a row', () => {
  it('is that of the worked example in docs/backup-format.md', () => {
    const page = readFileSync('docs/backup-format.md', 'utf8');
    const batch = one(
      column('id', 'Int64', { kind: 'int64', values: BigInt64Array.of(-2n) }),
      column('title', 'VarChar', { kind: 'bytes', values: [utf8('Zoë')] }),
      column('score', 'Float', { kind: 'float32', values: new Float32Array(1) }, {}, Uint8Array.of(0)),
      column('tags', 'Array', { kind: 'bytes', values: [hex('1a050a0301ac02')] }, { elementType: 'Int64' }),
      column(
        'v',
        'FloatVector',
        { kind: 'fixed', width: 8, bytes: new Uint8Array(Float32Array.of(1, -0).buffer) },
        { dim: 2 },
      ),
      column('$meta', 'JSON', { kind: 'bytes', values: [utf8('{"b": 1.50, "a": "\\u00e9"}')] }),
    );
    expect(page).toContain(`\n${print(batch)}\n`);
  });

  it('does not depend on the order of the columns', () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        const turned = { ...batch, columns: [...batch.columns].reverse() };
        expect(Buffer.compare(fingerprints(batch), fingerprints(turned))).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('differs between null, zero and nothing', () => {
    const prints = [
      one(column('x', 'Int64', { kind: 'int64', values: BigInt64Array.of(0n) }, {}, Uint8Array.of(0))),
      one(column('x', 'Int64', { kind: 'int64', values: BigInt64Array.of(0n) })),
      one(bytesColumn('VarChar', utf8(''))),
      one(column('x', 'VarChar', { kind: 'bytes', values: [utf8('')] }, {}, Uint8Array.of(0))),
      one(bytesColumn('JSON', utf8('null'))),
      one(bytesColumn('JSON', utf8(''))),
    ].map(print);
    expect(new Set(prints).size).toBe(prints.length);
  });

  it('sees every bit of a float: -0, and what a NaN carries', () => {
    const words = [0x00000000, 0x80000000, 0x7fc00000, 0x7f800001, 0x7fc00001, 0xffc00000];
    const prints = words.map((word) =>
      print(one(column('x', 'Float', { kind: 'float32', values: new Float32Array(Uint32Array.of(word).buffer) }))),
    );
    expect(new Set(prints).size).toBe(words.length);
  });

  it('changes with any bit of any value', () => {
    fc.assert(
      fc.property(anyBatch, fc.nat(), (batch, pick) => {
        const target = batch.columns[pick % batch.columns.length]!;
        if (target.data.kind !== 'fixed') return;
        const before = fingerprints(batch);
        const bit = pick % (target.data.bytes.length * 8);
        const row = Math.floor(bit / 8 / target.data.width);
        if (target.valid !== null && target.valid[row] === 0) return;
        const { bytes } = target.data;
        const flip = () => {
          bytes[bit >> 3]! ^= 1 << (bit & 7);
        };
        flip();
        expect(Buffer.compare(before, fingerprints(batch))).not.toBe(0);
        flip();
      }),
    );
  });
});

describe('JSON in a fingerprint', () => {
  const same = (a: string, b: string): void =>
    expect(ofBytes('JSON', utf8(a)), `${a} = ${b}`).toBe(ofBytes('JSON', utf8(b)));
  const differ = (a: string, b: string): void =>
    expect(ofBytes('JSON', utf8(a)), `${a} != ${b}`).not.toBe(ofBytes('JSON', utf8(b)));

  it('does not care for order, space, escapes and the spelling of numbers', () => {
    same('{"a":1,"b":[true,null]}', ' {\n"b" : [ true ,null ],\t"a":1 } ');
    same('"é\\n/"', '"\\u00E9\\u000a\\/"');
    same('"😀"', '"\\ud83d\\ude00"');
    for (const spelling of ['100', '1e2', '1E+2', '100.0', '1000e-1', '0.1e3']) same('100', spelling);
    for (const spelling of ['-0', '0.0', '0e9', '-0.00E-7']) same('0', spelling);
    same('{"x":{"b":1,"a":2}}', '{"x":{"a":2.0,"b":1}}');
  });

  it('keeps every digit', () => {
    differ('9007199254740993', '9007199254740992');
    differ('0.1', '0.10000000000000001');
    differ('1e400', '1e401');
    differ('1e99999999999999999999999', '1e99999999999999999999998');
    differ('1', '"1"');
    differ('[]', '{}');
    differ('[[],[]]', '[[[]]]');
    differ('["a","b"]', '["ab",""]');
    differ('{"a":"b"}', '["a","b"]');
    differ('"\\ud800"', '"\\ud801"');
    differ('{"a":1,"a":2}', '{"a":2,"a":1}');
    differ('{"a":1,"a":2}', '{"a":2}');
  });

  it('takes what is no JSON as it is spelt', () => {
    const broken = [
      '',
      '{',
      '[1,]',
      '{"a":1,}',
      '01',
      '1.',
      '.5',
      '+1',
      'NaN',
      '-',
      "'a'",
      '"\t"',
      '"\\x"',
      '"\\u12g4"',
      'nul',
      '1 2',
      '{"a"}',
      '{a:1}',
      '1e',
      '[1',
      '"a',
    ];
    expect(new Set(broken.map((text) => ofBytes('JSON', utf8(text)))).size).toBe(broken.length);
    for (const text of broken) differ(text, `${text} `);
    expect(ofBytes('JSON', hex('22ff22'))).not.toBe(ofBytes('JSON', hex('22fe22')));
    same('['.repeat(200) + ']'.repeat(200), '[ '.repeat(200) + ']'.repeat(200));
    differ('['.repeat(201) + ']'.repeat(201), '[ '.repeat(201) + ']'.repeat(201));
    differ('['.repeat(1_000_000), '['.repeat(1_000_001));
  });

  it('is the same for every spelling of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.stringify(value);
        same(plain, respell(value));
      }),
    );
  });

  /** Keys in reverse, spaces everywhere, every character escaped, numbers with an exponent. */
  function respell(value: unknown): string {
    if (Array.isArray(value)) return `[ ${value.map(respell).join(' , ')} ]`;
    if (typeof value === 'string')
      return `"${Array.from({ length: value.length }, (_, i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;
    if (typeof value === 'number')
      return /e/.test(String(value)) ? JSON.stringify(value) : `${JSON.stringify(value)}E-0`;
    if (value === null || typeof value !== 'object') return ` ${JSON.stringify(value)} `;
    const members = Object.entries(value).reverse();
    return `{ ${members.map(([key, member]) => `${respell(key)} : ${respell(member)}`).join(' , ')} }`;
  }
});

describe('arrays and sparse vectors in a fingerprint', () => {
  const array = (value: string): string => ofBytes('Array', hex(value));

  it('do not care for packing, and empty is empty in any spelling', () => {
    expect(array('1a050a0301ac02')).toBe(array('1a05080108ac02'));
    expect(array('22060d0000803f'.replace('2206', '2205'))).toBe(array('22060a040000803f'));
    const empties = ['', '0a00', '1a00', '3200', '1a020a00', '12001a00'];
    expect(new Set(empties.map(array)).size).toBe(1);
  });

  it('take the last member, join its pieces, and know both widths of integers as one', () => {
    expect(array('1a030a01011a030a0102')).toBe(array('1a040a020102'));
    expect(array('32030a01611a040a020102')).toBe(array('1a040a020102'));
    expect(array('12040a020102')).toBe(array('1a040a020102'));
    expect(array('120c0a0affffffffffffffffff01')).toBe(array('1a0c0a0affffffffffffffffff01'));
    expect(array('12070a05ffffffff0f')).toBe(array('120c0a0affffffffffffffffff01'));
  });

  it('tell different elements, types and orders apart', () => {
    const values = [
      '1a040a020102',
      '1a040a020201',
      '1a030a0101',
      '0a030a0101',
      '32030a0101',
      '32040a0161',
      '22060a040000803f',
      '2a0a0a08000000000000f03f',
    ];
    expect(new Set(values.map(array)).size).toBe(values.length);
    expect(array('32060a01610a0162')).not.toBe(array('32060a02616200'));
  });

  it('take what is malformed as it is spelt', () => {
    const broken = ['ff', '1a', '1a05', '1a020a05', '3a020a00', '1a0212000a', '08', '22030a0101', '1a020aff', '1b00'];
    expect(new Set(broken.map(array)).size).toBe(broken.length);
  });

  it('decode whatever bytes come, without ever failing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (value) => ofBytes('Array', value).length === 32));
  });

  it('do not care for the order inside a sparse vector', () => {
    const [a, b, c] = ['010000000000803f', '0200000000000040', 'ffffffff00004040'];
    expect(ofBytes('SparseFloatVector', hex(`${a}${b}${c}`))).toBe(ofBytes('SparseFloatVector', hex(`${c}${a}${b}`)));
    expect(ofBytes('SparseFloatVector', hex(`${a}${b}`))).not.toBe(ofBytes('SparseFloatVector', hex(`${a}${c}`)));
    expect(ofBytes('SparseFloatVector', hex(`${a}ff`))).not.toBe(ofBytes('SparseFloatVector', hex(a)));
  });
});

describe('content sums', () => {
  it('do not depend on order and add up', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 })), fc.nat(), (prints, cut) => {
        const at = prints.length === 0 ? 0 : cut % prints.length;
        const all = contentSum(Buffer.concat(prints));
        expect(contentSum(Buffer.concat([...prints].reverse()))).toBe(all);
        const parts = [prints.slice(0, at), prints.slice(at)].map((part) => contentSum(Buffer.concat(part)));
        expect(addContentSums(...parts)).toBe(all);
        const slow = prints.reduce((sum, one) => sum + BigInt(`0x${Buffer.from(one).toString('hex')}`), 0n);
        expect(all).toBe((slow % 2n ** 128n).toString(16).padStart(32, '0'));
      }),
    );
  });

  it('notice a row that is there twice', () => {
    const print = Buffer.alloc(16, 7);
    expect(contentSum(Buffer.concat([print, print]))).not.toBe(contentSum(print));
    expect(contentSum(Buffer.concat([print, print]))).not.toBe(EMPTY_SUM);
    expect(contentSum(new Uint8Array())).toBe(EMPTY_SUM);
    expect(() => contentSum(new Uint8Array(17))).toThrow(/length/);
  });
});
