import { ROLES, type Role, type RunKind } from '@milvault/shared';

/** What a route asks of its caller; `nobody`: it answers anybody. */
export type Needs = Role | 'nobody';

/** Who is asking, once that was proved. */
export interface Caller {
  /** Name of the token, or one of the two below; no token can be named like them. */
  readonly name: string;
  readonly role: Role;
}

export const ADMIN_TOKEN: Caller = { name: 'admin token', role: 'admin' };
export const THIS_MACHINE: Caller = { name: 'this machine', role: 'admin' };

/** Who may start a run of each kind, for the first time or again: a clean-up deletes. */
export const RUN_NEEDS: Readonly<Record<RunKind, Role>> = {
  backup: 'operator',
  verify: 'operator',
  drill: 'operator',
  restore: 'operator',
  health: 'operator',
  cleanup: 'admin',
};

/** Each role may do all that those before it may. */
export const isEnough = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);
