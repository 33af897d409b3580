/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`. */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i || j));
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, at(i - 2, j - 2) + 1);
      const row = rows[i];
      if (row !== undefined) row[j] = best;
    }
  }
  return at(a.length, b.length);
}

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
const LONGEST_COMPARED = 64;

/** The known word that somebody probably meant, or null: at most a third of its letters may differ. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (word.length > LONGEST_COMPARED) return null;
  let best: { word: string; edits: number } | null = null;
  for (const candidate of known) {
    const edits = distance(plain(word), plain(candidate));
    if (edits <= Math.floor(candidate.length / 3) && (best === null || edits < best.edits)) {
      best = { word: candidate, edits };
    }
  }
  return best?.word ?? null;
}
