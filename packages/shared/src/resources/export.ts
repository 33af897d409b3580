import { Type, type Static } from 'typebox';
import { Backup, Count, Instant } from './backup.ts';
import { CollectionDefinition, DataType } from './collection.ts';

/** A backup as open Parquet files: what can be exported, and what was (`docs/export.md`). */

const closed = { additionalProperties: false } as const;

/** One column of the files of a collection, and how it is written there. */
export const ExportColumn = Type.Object(
  {
    name: Type.String(),
    type: DataType,
    elementType: Type.Optional(DataType),
    dim: Type.Optional(Count),
    parquet: Type.String({ description: 'As readers see it: int64, string, list<float>, …' }),
  },
  closed,
);
export type ExportColumn = Static<typeof ExportColumn>;

const collection = {
  database: Type.String(),
  collection: Type.String(),
  rows: Count,
  /** The collection as it was on the source. */
  definition: CollectionDefinition,
  columns: Type.Array(ExportColumn),
};

export const ExportCollection = Type.Object({ ...collection, partitions: Type.Array(Type.String()) }, closed);
export type ExportCollection = Static<typeof ExportCollection>;

/** What a backup has to export. */
export const ExportPlan = Type.Object({ backup: Backup, collections: Type.Array(ExportCollection) }, closed);
export type ExportPlan = Static<typeof ExportPlan>;

export const ExportedFile = Type.Object(
  {
    path: Type.String({ description: 'From the folder of the export, with /' }),
    rows: Count,
    bytes: Count,
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  closed,
);
export type ExportedFile = Static<typeof ExportedFile>;

/** `export.json`, written last: a folder without it holds an unfinished export. */
export const ExportRecord = Type.Object(
  {
    format: Type.Literal('milvault-export'),
    version: Type.Literal(1),
    exportedAt: Instant,
    backup: Backup,
    rows: Count,
    bytes: Count,
    collections: Type.Array(
      Type.Object(
        {
          ...collection,
          rows: Type.Integer({ minimum: 0, description: 'Exported rows: those of the listed partitions' }),
          folder: Type.String(),
          partitions: Type.Array(
            Type.Object(
              { name: Type.String(), folder: Type.String(), rows: Count, files: Type.Array(ExportedFile) },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type ExportRecord = Static<typeof ExportRecord>;
