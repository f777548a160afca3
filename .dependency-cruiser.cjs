/** The direction of imports: main -> wire -> effects -> core, and main -> cli -> flows -> core. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-imports-core',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^src/(?!core/)' },
    },
    {
      name: 'core-libraries',
      severity: 'error',
      from: { path: '^src/core/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'core'],
        pathNot: 'node_modules/(zod|handlebars|yaml|croner)/',
      },
    },
    {
      name: 'flows-import-core',
      severity: 'error',
      from: { path: '^src/flows/' },
      to: { path: '^src/(effects|cli|sandbox|wire|main)' },
    },
    {
      name: 'effects-import-core',
      severity: 'error',
      from: { path: '^src/effects/' },
      to: { path: '^src/(flows|cli|sandbox|wire|main)' },
    },
    {
      name: 'cli-no-effects',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/(effects|wire|main)' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/(main|index)\\.ts$' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
