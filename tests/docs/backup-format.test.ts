import { readFileSync } from 'node:fs';
import { CollectionDefinition, DATA_TYPES, Field } from '@milvault/shared';
import { CANONICAL_VERSION, FINGERPRINT_BYTES, FORMAT } from '@milvault/repository';
import type { TObject } from 'typebox';
import { describe, expect, it } from 'vitest';
import {
  CHUNK_METADATA_KEY,
  CHUNK_VERSION,
  ChunkMetadata,
  columnElement,
  FINGERPRINT_COLUMN,
  MAX_CHUNK_BYTES,
  ROW_GROUP_BYTES,
} from '../../packages/repository/src/format/chunk-layout.ts';
import { MAX_JSON_DEPTH } from '../../packages/repository/src/format/canonical-json.ts';
import { MAX_INDEX_BYTES, MAX_RECORD_BYTES } from '../../packages/repository/src/format/json.ts';
import { formatKey, type ObjectName } from '../../packages/repository/src/format/names.ts';
import * as records from '../../packages/repository/src/format/records.ts';

const PAGE = readFileSync('docs/backup-format.md', 'utf8');

/** The rows of the first table below a heading, as lists of cells. */
function table(heading: string): string[][] {
  const from = PAGE.indexOf(`${heading}\n`);
  expect(from, heading).toBeGreaterThan(-1);
  const rows = PAGE.slice(from).split('\n');
  const first = rows.findIndex((line) => line.startsWith('|'));
  const length = rows.slice(first).findIndex((line) => !line.startsWith('|'));
  return rows.slice(first + 2, first + length).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const plain = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '');
const members = (heading: string): string[] => table(heading).map(([name]) => plain(name));
const propertiesOf = (schema: TObject): string[] => Object.keys(schema.properties);

const OWNED = ['v', 'repoId', 'sourceId', 'backupId'];
const INTENT = members('### Intent');

describe('docs/backup-format.md', () => {
  it('names every member of every object, and no other', () => {
    const pages: [string, TObject, string[]][] = [
      ['### repo.json', records.RepoRecord, []],
      ['### Intent', records.IntentRecord, OWNED],
      ['### Slot, committed', records.CommittedSlot, OWNED],
      ['### Slot, aborted', records.AbortedSlot, OWNED],
      ['### Tomb', records.TombRecord, OWNED],
      ['### Hold', records.HoldRecord, OWNED],
      ['### Marker', records.MarkerRecord, OWNED],
      ['### Report', records.ReportRecord, OWNED],
      ['### Manifest', records.ManifestRecord, [...OWNED, ...INTENT]],
      ['### Manifest: collections', records.ManifestRecord.properties.collections.items as TObject, []],
      ['### Index', records.IndexRecord, OWNED],
      ['### Index: chunks', records.ChunkRecord, []],
      ['### Index: deletions', records.DeletionsRecord, []],
      ['### Index: segments', records.SegmentSetRecord, []],
      ['### Index: segments: list', records.SegmentRecord, []],
      ['### Index: segments: files', records.SegmentFileRecord, []],
      ['### Index: definition', CollectionDefinition, []],
      ['### Index: fields', Field, []],
      [`the entry \`${CHUNK_METADATA_KEY}\`, a JSON object:`, ChunkMetadata, []],
    ];
    for (const [heading, schema, more] of pages) {
      expect([...more, ...members(heading)].sort(), heading).toEqual(propertiesOf(schema).sort());
    }
    expect(members('### Every other object')).toEqual(OWNED);
  });

  it('gives the names of all objects as they are made', () => {
    const id = '0'.repeat(26);
    const ids = {
      sourceId: id,
      backupId: id,
      gcRunId: id,
      holderId: id,
      readerId: id,
      reportId: id,
      attempt: id,
      collKey: id,
    };
    const kinds = [
      'repo',
      'slot',
      'tomb',
      'marker',
      'pin',
      'reading',
      'hold',
      'report',
      'intent',
      'chunk',
      'log',
      'deletions',
      'index',
      'manifest',
    ] as const;
    const made = kinds.map((kind) => formatKey({ kind, ...ids, seq: 0, fence: '7', until: 0 } as ObjectName));
    const written = members('## Names')
      .filter((key) => key !== 'tmp/')
      .map((key) =>
        key.replaceAll(
          /<(seq|fence|\w+)>/g,
          (_, name: string) => ({ seq: '00000000', fence: '7', until: '0000000000000' })[name] ?? id,
        ),
      );
    expect(written).toEqual(made);
  });

  it('has Milvus numbers and the Parquet column of every type', () => {
    const rows = table('### Types').map(
      ([name, number, column]) => [plain(name), Number(number), plain(column)] as const,
    );
    expect(rows.map(([name, number]) => [name, number])).toEqual(Object.entries(DATA_TYPES));
    for (const [name, , column] of rows) {
      const dim = 64;
      const type = name as keyof typeof DATA_TYPES;
      const element = columnElement(
        { name: 'x', type, nullable: false, ...(column.includes('dim') ? { dim } : {}) },
        false,
      );
      const width = /\(dim(?:([*/])(\d))?\)/.exec(column);
      const factor = Number(width?.[2] ?? 1);
      if (width !== null) expect(element.type_length, name).toBe(width[1] === '/' ? dim / factor : dim * factor);
      expect(column.startsWith(element.type ?? '?'), name).toBe(true);
      if (element.converted_type !== undefined) expect(column).toContain(`(${element.converted_type})`);
      else expect(column).not.toMatch(/INT_|UTF8|JSON/);
    }
  });

  it('states the constants that the code has', () => {
    const mebi = 1024 * 1024;
    for (const sentence of [
      `Version **${FORMAT.major}.${FORMAT.minor}**`,
      `Objects are at most ${MAX_RECORD_BYTES / mebi} MiB, indexes and manifests at most ${MAX_INDEX_BYTES / mebi} MiB`,
      `Row groups of about ${ROW_GROUP_BYTES / mebi} MiB`,
      `No file holds more than ${MAX_CHUNK_BYTES / mebi} MiB`,
      `\`${FINGERPRINT_COLUMN}\`, \`FIXED_LEN_BYTE_ARRAY(${FINGERPRINT_BYTES})\``,
      `first **${FINGERPRINT_BYTES} bytes** of the **SHA-256**`,
      `### Canonical encoding, version ${CANONICAL_VERSION}`,
      `| \`version\` | ${CHUNK_VERSION} |`,
      `| \`canonical\` | ${CANONICAL_VERSION} |`,
      `at most ${MAX_JSON_DEPTH} nested lists and objects`,
    ]) {
      expect(PAGE).toContain(sentence);
    }
  });
});
