import { randomBytes } from 'node:crypto';
import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Token } from '@milvault/catalog';
import { fail, MakeToken, TokenList, TokenMade, TokenRevoked, type TokenView } from '@milvault/shared';
import { hashOf, newToken } from '../../access/token.ts';
import type { ApiParts } from '../../parts.ts';
import { answers } from '../answers.ts';

const Params = Type.Object({ token: Type.String({ description: 'Its name' }) }, { additionalProperties: false });
const tags = ['access'];

export const tokenRoutes =
  ({ config, tokens, clock }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/tokens',
      {
        config: { needs: 'admin' },
        schema: {
          operationId: 'listTokens',
          tags,
          summary: 'Tokens by name, ended ones too; never what is secret of them',
          response: answers(200, TokenList),
        },
      },
      async () => {
        const list = (await tokens.list()).map(tokenView);
        return { tokens: list, total: list.length };
      },
    );

    app.post(
      '/tokens',
      {
        config: { needs: 'admin' },
        schema: {
          operationId: 'makeToken',
          tags,
          summary: 'Make a token; its secret is shown in this answer and never again',
          body: MakeToken,
          response: answers(201, TokenMade),
        },
      },
      async ({ body: { name, role, expiresAt = null }, caller }, reply) => {
        requireAdminToken();
        requireFuture(expiresAt);
        const [secret, now] = [newToken(), clock.now()];
        const token = { name, role, by: caller?.name ?? '', createdAt: now, expiresAt };
        const sessionSalt = randomBytes(32).toString('base64url');
        if (!(await tokens.add({ ...token, hash: hashOf(secret), sessionSalt }))) {
          throw fail('CONFLICT', {
            what: `There is a token named ${name}`,
            next: 'Choose another name, or revoke that one first',
          });
        }
        reply.header('cache-control', 'no-store');
        return reply.code(201).send({ ...token, usedAt: null, secret });
      },
    );

    app.delete(
      '/tokens/:token',
      {
        config: { needs: 'admin' },
        schema: {
          operationId: 'revokeToken',
          tags,
          summary: 'Make a token and its sessions void at once',
          params: Params,
          response: answers(200, TokenRevoked),
        },
      },
      async ({ params: { token: name } }) => {
        // The name is not told back: somebody may have sent the secret in its place.
        if (!(await tokens.remove(name))) throw fail('TOKEN_NOT_FOUND');
        return { name, revoked: true } as const;
      },
    );

    function requireAdminToken(): void {
      if (config.api.adminToken !== null) return;
      throw fail('OPTION_UNSUPPORTED', {
        what: 'Without an admin token whoever sits at this machine may do everything, and a token would limit nobody',
        next: 'Set MILVAULT_ADMIN_TOKEN, start again, and make tokens then',
      });
    }

    function requireFuture(expiresAt: number | null): void {
      if (expiresAt === null || expiresAt > clock.now()) return;
      throw fail('TIME_INVALID', { expected: 'an end in the future', got: new Date(expiresAt).toISOString() });
    }
  };

const tokenView = ({ name, role, by, createdAt, expiresAt, usedAt }: Token): TokenView => ({
  name,
  role,
  by,
  createdAt,
  expiresAt,
  usedAt,
});
