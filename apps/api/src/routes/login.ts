import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { knownError } from '../plugins/errors.ts';
import { requireToken, SESSION_COOKIE, type Access } from '../plugins/access.ts';

const Next = Type.Object({ next: Type.Optional(Type.String({ maxLength: 2048 })) }, { additionalProperties: false });
const Login = Type.Object({ token: Type.String({ minLength: 1, maxLength: 4096 }) }, { additionalProperties: false });

const HTML = 'text/html; charset=utf-8';
const REFUSED: Readonly<Record<number, string>> = {
  401: 'That is no valid token.',
  429: 'Too many wrong tokens. Wait a minute.',
};

/** A browser cannot send a bearer token when it opens a page: it trades the token for a session here. */
export const loginRoutes =
  (access: Access): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(body.toString())));
    });

    app.get('/login', { config: { needs: 'nobody' }, schema: { hide: true, querystring: Next } }, (request, reply) =>
      reply.type(HTML).send(page(localPath(request.query.next), '')),
    );

    app.post(
      '/login',
      { config: { needs: 'nobody' }, schema: { hide: true, querystring: Next, body: Login } },
      async (request, reply) => {
        const next = localPath(request.query.next);
        const { door } = access;
        if (door === null) return reply.redirect(next, 303);
        try {
          const entry = await requireToken(access, door, request, reply, request.body.token);
          // For the audit log.
          request.caller = entry.caller;
          const session = door.issue(entry);
          reply.setCookie(SESSION_COOKIE, session.value, { ...cookieOf(request), maxAge: session.seconds });
          return reply.redirect(next, 303);
        } catch (thrown) {
          const error = knownError(thrown);
          return reply
            .code(error.status)
            .type(HTML)
            .send(page(next, REFUSED[error.status] ?? error.message));
        }
      },
    );

    app.post('/logout', { config: { needs: 'nobody' }, schema: { hide: true } }, (request, reply) =>
      reply.clearCookie(SESSION_COOKIE, cookieOf(request)).redirect('/login', 303),
    );
  };

const cookieOf = (request: FastifyRequest) =>
  ({
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    // Told by the proxy that ends TLS; a caller who lies about it only spoils its own cookie.
    secure: request.headers['x-forwarded-proto'] === 'https',
  }) as const;

/** Only a path of this site: `//elsewhere` and `/\elsewhere` would leave it. */
const localPath = (next: string | undefined): string =>
  next !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) && !next.includes('\\') ? next : '/';

const page = (next: string, refusal: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>milvault: log in</title>
<link rel="icon" href="data:,">
<style>
body { font: 16px system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; }
form { display: grid; gap: 12px; width: min(320px, 90vw); }
input, button { font: inherit; padding: 8px; }
</style>
</head>
<body>
<form method="post" action="/login?next=${encodeURIComponent(next)}">
<h1>milvault</h1>
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<p role="alert">${refusal}</p>
<button>Log in</button>
</form>
</body>
</html>
`;
