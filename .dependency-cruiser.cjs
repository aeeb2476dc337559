/** Dependencies point one way (main/README.md). Tests may reach anywhere inside their own side. */
const only = (name, from, to) => ({
  name,
  severity: 'error',
  comment: `${from} may import only: ${to.join(', ') || 'itself'}`,
  from: { path: `^${from}/`, pathNot: '\\.test\\.ts$|/testing/' },
  to: { path: '^(main|db|renderer|e2e)/', pathNot: [from, ...to].map((part) => `^${part}/`).join('|') },
});
const common = ['main/contract', 'main/calendar', 'main/quant', 'main/importers', 'main/exporters'];

module.exports = {
  forbidden: [
    only('contract', 'main/contract', []),
    only('calendar', 'main/calendar', ['main/contract']),
    only('quant', 'main/quant', ['main/contract', 'main/calendar']),
    only('importers', 'main/importers', ['main/contract', 'main/calendar']),
    only('exporters', 'main/exporters', ['main/contract', 'main/calendar']),
    only('db', 'db', ['main/contract']),
    only('workers', 'main/workers', [...common, 'db']),
    only('core', 'main/core', [...common, 'main/workers']),
    only('shell-common', 'main/shell-common', ['main/contract', 'main/core']),
    only('shell-electron', 'main/shell-electron', ['main/contract', 'main/core', 'main/shell-common']),
    only('shell-browser', 'main/shell-browser', ['main/contract', 'main/core', 'main/shell-common']),
    only('cli', 'main/cli', ['main/contract', 'main/core']),
    only('renderer', 'renderer', ['main/contract']),
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'sqlite-only-in-db',
      severity: 'error',
      from: { pathNot: '^db/|\\.test\\.ts$' },
      to: { path: 'better-sqlite3', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'electron-only-in-its-shell',
      severity: 'error',
      from: { pathNot: '^main/shell-electron/|^e2e/' },
      to: { path: '(^|/)node_modules/electron/|^electron$' },
    },
    {
      name: 'common-has-no-node',
      severity: 'error',
      from: { path: `^(${common.join('|')})/`, pathNot: '\\.test\\.ts$|/testing/' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|out|test-results)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.node.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types', 'svelte'] },
  },
};
