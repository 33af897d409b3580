/** A received e-mail, as far as tests look at it. */
export interface Mail {
  /** Lower-case name and unfolded, decoded value of each header, in order; one that stands twice is there twice. */
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
}

const utf8 = (bytes: Buffer): string => bytes.toString('utf8');

/** `=E2=82=AC` and soft line breaks (RFC 2045, 6.7). */
const quotedPrintable = (text: string): Buffer =>
  Buffer.from(
    text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );

/** `=?UTF-8?B?…?=` (RFC 2047); white space between two of them is no part of the value. */
function decodeWords(value: string): string {
  const joined = value.replace(/\?=\s+=\?/g, '?==?');
  return joined.replace(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
    kind.toUpperCase() === 'B' ? utf8(Buffer.from(word, 'base64')) : utf8(quotedPrintable(word.replaceAll('_', ' '))),
  );
}

/** Reads a message of one text part, as it came over the wire. */
export function parseMail(raw: string): Mail {
  const split = raw.indexOf('\r\n\r\n');
  const headers = raw
    .slice(0, split)
    .replace(/\r\n[ \t]/g, ' ')
    .split('\r\n')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())] as const;
    });
  const encoding = headers.find(([name]) => name === 'content-transfer-encoding')?.[1].toLowerCase();
  const body = raw.slice(split + 4);
  const text =
    encoding === 'base64'
      ? utf8(Buffer.from(body, 'base64'))
      : encoding === 'quoted-printable'
        ? utf8(quotedPrintable(body))
        : body;
  return { headers, text: text.replaceAll('\r\n', '\n') };
}
