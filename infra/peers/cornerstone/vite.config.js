import { defineConfig } from 'vite';

// The decoders are WebAssembly beside scripts of the CommonJS kind, which only a bundler can hand to a browser.
export default defineConfig({
  base: './',
  build: { target: 'esnext', chunkSizeWarningLimit: 20000, assetsInlineLimit: 0, minify: false },
  worker: { format: 'es' },
});
