# One image for the API, the workers and the command line: `node apps/<app>/dist/main.js`.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY apps apps
COPY packages packages
COPY scripts scripts
RUN npm ci --no-audit --no-fund && npm run build

FROM node:20-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY apps apps
COPY packages packages
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/apps/api/dist apps/api/dist
COPY --from=build /app/apps/web/dist apps/web/dist
COPY --from=build /app/apps/worker/dist apps/worker/dist
COPY --from=build /app/apps/cli/dist apps/cli/dist
COPY package.json LICENSE ./
RUN printf '#!/bin/sh\nexec node /app/apps/cli/dist/main.js "$@"\n' > /usr/local/bin/milvault \
 && chmod 755 /usr/local/bin/milvault \
 && mkdir -p /backups && chown node:node /backups
USER node
EXPOSE 8787
CMD ["node", "--enable-source-maps", "apps/api/dist/main.js"]
