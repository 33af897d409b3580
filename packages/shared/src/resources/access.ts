import { Type, type Static, type TSchema } from 'typebox';
import { Instant } from './backup.ts';
import { NAME_PATTERN } from '../names.ts';
import { ROLES, type Role } from './views.ts';

/** Tokens, and who changed what. No answer but that which makes a token holds a secret. */

const closed = { additionalProperties: false } as const;
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const RoleName = Type.Unsafe<Role>(Type.Enum([...ROLES]));

export const MakeToken = Type.Object(
  {
    name: Type.String({ pattern: NAME_PATTERN, description: 'Of whom or what uses it' }),
    role: RoleName,
    expiresAt: Type.Optional(orNull(Type.Integer({ minimum: 0, description: 'Milliseconds since 1970; null: never' }))),
  },
  closed,
);
export type MakeToken = Static<typeof MakeToken>;

const token = {
  name: Type.String(),
  role: RoleName,
  by: Type.String({ description: 'Who made it' }),
  createdAt: Instant,
  expiresAt: orNull(Instant),
  usedAt: orNull(Instant),
};
export const TokenView = Type.Object(token, closed);
export type TokenView = Static<typeof TokenView>;
export const TokenList = Type.Object({ tokens: Type.Array(TokenView), total: Type.Integer({ minimum: 0 }) }, closed);
export type TokenList = Static<typeof TokenList>;
export const TokenMade = Type.Object(
  { ...token, secret: Type.String({ description: 'The token itself: shown now and never again' }) },
  closed,
);
export type TokenMade = Static<typeof TokenMade>;
export const TokenRevoked = Type.Object({ name: Type.String(), revoked: Type.Literal(true) }, closed);

/** One request that changed something, or that was refused because its token may not do that. */
export const AuditEntry = Type.Object(
  {
    id: Type.String(),
    at: Instant,
    by: Type.String({ description: 'Name of the token; or `admin token`, or `this machine`' }),
    role: RoleName,
    method: Type.String(),
    route: Type.String({ description: 'Pattern of the route' }),
    target: Type.Record(Type.String(), Type.String(), { description: 'What the path named' }),
    result: orNull(Type.String({ description: 'Id or name of what came of it' })),
    status: Type.Integer({ description: 'HTTP status of the answer' }),
    request: Type.String({ description: 'Id of the request, as in the log' }),
  },
  closed,
);
export type AuditEntry = Static<typeof AuditEntry>;
export const AuditPage = Type.Object(
  { entries: Type.Array(AuditEntry), next: orNull(Type.String({ description: '`before` of the following page' })) },
  closed,
);
export type AuditPage = Static<typeof AuditPage>;
