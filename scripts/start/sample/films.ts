import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../parts/paths.ts';
import { embed } from './embed.ts';

export const COLLECTION = 'films';
export const DIMS = 64;

/** One film as the sample collection holds it; what is null here is null in Milvus. */
export interface Film {
  readonly id: number;
  readonly title: string;
  readonly year: number;
  readonly genre: string | null;
  readonly rating: number | null;
  readonly gross: number | null;
  /** A JSON field. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly embedding: readonly number[];
  /** Not in the schema: Milvus keeps them as dynamic fields. */
  readonly votes: number | null;
  readonly minutes: number | null;
}

/** A row of `movies.json` in the npm package vega-datasets. Some titles are numbers (300, 1408), one is missing. */
interface Movie {
  readonly Title: string | number | null;
  readonly 'Release Date': string;
  readonly 'Major Genre': string | null;
  readonly 'IMDB Rating': number | null;
  readonly 'IMDB Votes': number | null;
  readonly 'Worldwide Gross': number | null;
  readonly 'Running Time min': number | null;
  readonly 'MPAA Rating': string | null;
  readonly Director: string | null;
  readonly Distributor: string | null;
}

export function toFilm(movie: Movie, index: number): Film {
  const title = String(movie.Title ?? '');
  return {
    id: index + 1,
    title,
    year: Number(movie['Release Date'].slice(-4)),
    genre: movie['Major Genre'],
    rating: movie['IMDB Rating'],
    gross: movie['Worldwide Gross'],
    facts: { director: movie.Director, distributor: movie.Distributor, mpaa: movie['MPAA Rating'] },
    embedding: embed([title, movie['Major Genre'], movie.Director].join(' '), DIMS),
    votes: movie['IMDB Votes'],
    minutes: movie['Running Time min'],
  };
}

/** The 3,201 films. */
export async function readFilms(): Promise<Film[]> {
  const text = await readFile(join(ROOT, 'node_modules', 'vega-datasets', 'data', 'movies.json'), 'utf8');
  return (JSON.parse(text) as Movie[]).map(toFilm);
}
