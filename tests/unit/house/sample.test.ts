import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embed } from '../../../scripts/start/sample/embed.ts';
import { DIMS, readFilms } from '../../../scripts/start/sample/films.ts';

const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, place) => sum + value * (b[place] ?? 0), 0);

describe('the embedding of the sample', () => {
  it('has length 1 for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const vector = embed(text, 64);
        expect(vector).toHaveLength(64);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      }),
    );
  });

  it('is the same for the same words, whatever their case and what stands between them', () => {
    expect(embed('The Land-Girls!', 64)).toEqual(embed('girls land the', 64));
  });

  it('puts texts that share words nearer than texts that do not', () => {
    const film = embed('Harry Potter and the Goblet of Fire', 64);
    expect(cosine(film, embed('Harry Potter and the Chamber of Secrets', 64))).toBeGreaterThan(
      cosine(film, embed('Toy Story', 64)) + 0.2,
    );
  });
});

describe('the films of the sample', () => {
  it('are 3,201, each with an id of its own, a title, a year and a vector', async () => {
    const films = await readFilms();
    expect(films).toHaveLength(3201);
    expect(new Set(films.map((film) => film.id)).size).toBe(3201);
    for (const film of films) {
      expect(typeof film.title).toBe('string');
      expect(film.year).toBeGreaterThan(1900);
      expect(film.embedding).toHaveLength(DIMS);
    }
  });

  it('have nulls where the data has none, so that the first backup proves nulls too', async () => {
    const films = await readFilms();
    expect(films.filter((film) => film.genre === null)).toHaveLength(275);
    expect(films.filter((film) => film.rating === null)).toHaveLength(213);
  });
});
