import { useCallback } from 'react';
import { useLocation, useSearch } from 'wouter';

/** What a list shows, kept in its address: a link leads to the same list, and the way back does, too. */
export function useAddress(): [
  get: (key: string) => string | null,
  set: (changes: Readonly<Record<string, string | null>>) => void,
] {
  const search = useSearch();
  const [location, go] = useLocation();
  const get = useCallback((key: string) => new URLSearchParams(search).get(key), [search]);
  const set = useCallback(
    (changes: Readonly<Record<string, string | null>>) => {
      const next = new URLSearchParams(search);
      for (const [key, value] of Object.entries(changes)) {
        if (value === null || value === '') next.delete(key);
        else next.set(key, value);
      }
      const text = next.toString();
      go(text === '' ? location : `${location}?${text}`, { replace: true });
    },
    [search, location, go],
  );
  return [get, set];
}
