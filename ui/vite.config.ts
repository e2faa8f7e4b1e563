import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds a running `ladebuch-server`. */
const server = process.env.LADEBUCH_SERVER ?? 'http://127.0.0.1:8440';

export default defineConfig({
  plugins: [
    // Tests read the messages that their script has just compiled; a watcher would keep them from ending.
    !process.env.VITEST &&
      paraglideVitePlugin({
        project: './project.inlang',
        outdir: './src/lib/paraglide',
        strategy: ['globalVariable', 'baseLocale'],
      }),
    tailwindcss(),
    sveltekit(),
  ],
  resolve: process.env.VITEST ? { conditions: ['browser'] } : undefined,
  build: {
    target: ['es2022', 'safari16'],
    // The charts' own chunk; only the history page loads it.
    chunkSizeWarningLimit: 700,
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/api': { target: server, ws: true }, '/health': { target: server } },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
  },
});
