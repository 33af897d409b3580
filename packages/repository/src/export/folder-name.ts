import { sha256 } from '../format/hash.ts';

/** Longest file name that common file systems take, in bytes. */
const LONGEST = 255;
/** Hexadecimal digits of the hash that ends a name which had to be cut. */
const HASH = 32;
const KEPT = LONGEST - HASH - 1;

/** Names that Windows reads as devices, with any ending. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * A name of Milvus as the name of a folder, for any file system: small letters, digits, `_` and `-` stay, all else is
 * percent-encoded UTF-8, capitals too, because some file systems do not tell them apart. A `_` at the start is encoded
 * as well: Spark and Arrow pass over folders that begin so, and Milvus calls a partition `_default`.
 *
 * Percent-decoding gives the name back, unless it was too long: then the folder's name ends in `~` and a hash, and
 * `export.json` has the name. Two names never share a folder.
 */
export function folderName(name: string): string {
  const bytes = Buffer.from(name, 'utf8');
  const device = DEVICE.test(name);
  let text = '';
  for (const [at, byte] of bytes.entries()) {
    const char = String.fromCharCode(byte);
    const plain = (at === 0 ? /[a-z0-9-]/ : /[a-z0-9_-]/).test(char) && !(device && at === 0);
    text += plain ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  if (text.length <= LONGEST && text !== '') return text;
  return `${text.slice(0, KEPT).replace(/%.?$/, '')}~${sha256(bytes).slice(0, HASH)}`;
}
