/** Bidirectional overrides and other invisible characters that make a text read as something else. */
const DECEIVING = /[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/gu;
const CONTROL = /\p{Cc}|\p{Zl}|\p{Zp}/gu;
const LONE_SURROGATE = /\p{Cs}/gu;

const wellFormed = (text: string): string => text.replace(LONE_SURROGATE, '\uFFFD').replace(DECEIVING, '');

/** At most `most` code points, so that no character is cut in two. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const points = [...text];
  return points.length <= most ? text : `${points.slice(0, most - 1).join('')}…`;
}

/** Safe for a header: line breaks and control characters become single spaces. */
export const oneLine = (text: string, most: number): string =>
  cut(wellFormed(text).replace(CONTROL, ' ').replace(/ {2,}/g, ' ').trim(), most);

/** Safe for a body: keeps its lines, without other control characters. */
export const manyLines = (text: string, most: number): string =>
  cut(
    wellFormed(text)
      .split(/\r\n|[\n\r\u2028\u2029]/)
      .map((line) => line.replace(CONTROL, ' ').trimEnd())
      .join('\n')
      .trim(),
    most,
  );
