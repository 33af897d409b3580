/** Whether one id of a Redis stream, `<milliseconds>-<number>`, comes after another. */
export function isAfter(id: string, other: string): boolean {
  const [[ms, number], [otherMs, otherNumber]] = [split(id), split(other)];
  return ms === otherMs ? number > otherNumber : ms > otherMs;
}

function split(id: string): [bigint, bigint] {
  const [ms = '0', number = '0'] = id.split('-');
  return [BigInt(ms), BigInt(number)];
}
