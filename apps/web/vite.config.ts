import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const LEAST_BYTES = 1024;

/** `src/scheme.js` as a classic script in the head: a module would come after the first paint. */
const schemeFirst = (): Plugin => {
  let reference = '';
  const source = (): string => readFileSync(new URL('src/scheme.js', import.meta.url), 'utf8');
  return {
    name: 'scheme-first',
    apply: 'build',
    buildStart() {
      reference = this.emitFile({ type: 'asset', name: 'scheme.js', source: source() });
    },
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) => {
        const file = Object.values(bundle ?? {}).find(({ fileName }) => /scheme-[^/]*\.js$/.test(fileName));
        if (file === undefined) throw new TypeError(`expected the asset ${reference} in the bundle, got none`);
        return [{ tag: 'script', attrs: { src: `/${file.fileName}` }, injectTo: 'head-prepend' }];
      },
    },
  };
};

/** Beside each file that is worth it its compressed forms, which the API sends as they are. */
const compressed = (): Plugin => ({
  name: 'compressed',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      for (const file of Object.values(bundle)) {
        const bytes = Buffer.from(file.type === 'chunk' ? file.code : file.source);
        if (!/\.(js|css|svg)$/.test(file.fileName) || bytes.length < LEAST_BYTES) continue;
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
        this.emitFile({ type: 'asset', fileName: `${file.fileName}.gz`, source: gzipSync(bytes, { level: 9 }) });
        this.emitFile({ type: 'asset', fileName: `${file.fileName}.br`, source: brotliCompressSync(bytes, quality) });
      }
    },
  },
});

export default defineConfig({
  plugins: [schemeFirst(), compressed()],
  build: {
    target: 'es2022',
    manifest: true,
    // The content security policy lets in no font and no script from data: addresses.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // `use client` speaks to servers that render React; there is none here.
      onLog: (level, log, tell) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') tell(level, log);
      },
    },
  },
});
