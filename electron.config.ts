/**
 * Every build in one configuration: `vite build --app --config electron.config.ts` fills dist/ with the renderer, the shells,
 * the command line and the workers. `electron dist` and `node dist/browser-shell.cjs` start it.
 *
 * Node bundles are CommonJS for Node 18: ES module entry points are imported too late for `registerSchemesAsPrivileged` there.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type EnvironmentOptions } from 'vite';

const root = import.meta.dirname;
const dist = join(root, 'dist');

/** Bundle name → entry. */
const NODE_ENTRIES = {
  main: 'main/shell-electron/main.ts',
  preload: 'main/shell-electron/preload.ts',
  'browser-shell': 'main/shell-browser/index.ts',
  cli: 'main/cli/index.ts',
  'db.worker': 'main/workers/db.worker.ts',
  'compute.worker': 'main/workers/compute.worker.ts',
  'io.worker': 'main/workers/io.worker.ts',
} as const;

/** Environment names allow letters, digits and _ only. */
const environmentName = (bundle: string): string => bundle.replace(/\W/g, '_');

const node = (bundle: string, entry: string): EnvironmentOptions => ({
  consumer: 'server',
  // The bundles sit side by side in dist/, so the folder of the running file is the folder of everything else.
  define: { 'import.meta.dirname': '__dirname' },
  resolve: { noExternal: true, external: [] },
  build: {
    ssr: true,
    target: 'node18',
    outDir: dist,
    emptyOutDir: false,
    copyPublicDir: false,
    minify: false,
    sourcemap: false,
    rolldownOptions: {
      input: { [bundle]: join(root, entry) },
      external: [/^node:/, ...builtinModules, 'electron', 'better-sqlite3'],
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
});

const entries = Object.entries(NODE_ENTRIES);

export default defineConfig({
  root: join(root, 'renderer'),
  base: '/',
  publicDir: false,
  plugins: [svelte({ configFile: false })],
  environments: {
    client: {
      build: {
        target: 'chrome114',
        outDir: join(dist, 'renderer'),
        emptyOutDir: true,
        // A data: URL would need an exception in the content security policy.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        rolldownOptions: { input: join(root, 'renderer', 'index.html') },
      },
    },
    ...Object.fromEntries(entries.map(([bundle, entry]) => [environmentName(bundle), node(bundle, entry)])),
  },
  builder: {
    async buildApp(builder) {
      // Without this list Vite also builds its default `ssr` environment, which has no entry.
      for (const name of ['client', ...entries.map(([bundle]) => environmentName(bundle))]) {
        const environment = builder.environments[name];
        if (environment) await builder.build(environment);
      }
      const { name, productName, version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
        string,
        string
      >;
      mkdirSync(dist, { recursive: true });
      writeFileSync(
        join(dist, 'package.json'),
        `${JSON.stringify({ name, productName, version, description, author: productName, type: 'commonjs', main: 'main.cjs' }, null, 2)}\n`,
      );
      const resources = join(root, 'resources');
      if (existsSync(resources))
        cpSync(resources, join(dist, 'resources'), { recursive: true, filter: (path) => !/resources[\\/](icons|packaging)/.test(path) });
    },
  },
});
