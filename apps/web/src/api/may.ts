import { useQuery } from '@tanstack/react-query';
import type { Role } from '@milvault/shared';
import { queries } from './queries.ts';

/** `operate`: start, stop, hold. `administer`: what cannot be taken back. */
export type Ability = 'operate' | 'administer';

/** The one place where a role becomes what the page offers. The API judges each request by itself all the same. */
const ABILITIES: Readonly<Record<Role, readonly Ability[]>> = {
  viewer: [],
  operator: ['operate'],
  admin: ['operate', 'administer'],
};

/** Whether the person may do such a thing; no, until that is known. */
export function useMay(ability: Ability): boolean {
  const { data } = useQuery(queries.session());
  return data !== undefined && ABILITIES[data.role].includes(ability);
}
