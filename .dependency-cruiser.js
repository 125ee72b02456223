/*
 * Who may import whom. A floor of core/ imports only itself and the floors before it; tests may import what they test with.
 * ARCHITECTURE.md draws this.
 */
const FLOORS = [
  ['numbers', 'numbers/'],
  ['words', String.raw`[^/]+\.ts`],
  ['scheduling', 'scheduling/'],
  ['model', 'model/'],
  ['payload', 'payload/'],
  ['policies', 'policies/'],
  ['ladder', 'ladder/'],
  ['trace', 'trace/'],
  ['protocol', 'protocol/'],
  ['timeline', 'timeline/'],
  ['tuning', 'tuning/'],
  ['network', 'network/'],
  ['capacity', 'capacity/'],
  ['device', 'device/'],
  ['online', 'online/'],
  ['lab', 'lab/'],
  ['view', 'view/'],
  ['own-data', 'own-data/'],
  ['testing', 'testing/'],
];
const TESTS = String.raw`\.test\.ts$|/testing/`;

const floors = FLOORS.slice(0, -1).map(([name], index) => ({
  name: `core-floor-${name}`,
  comment: `core/${name} may not know what stands on higher floors: move the code up, or pass it in.`,
  severity: 'error',
  from: { path: `^core/${FLOORS[index][1]}`, pathNot: TESTS },
  to: {
    path: FLOORS.slice(index + 1)
      .map(([, path]) => `^core/${path}`)
      .join('|'),
  },
}));

/** What a room may import besides itself and core/. */
const room = (name, ...others) => ({
  name: `room-${name}`,
  comment: 'Rooms do not import each other: what both need is a contract and belongs into core/.',
  severity: 'error',
  from: { path: `^${name}/` },
  to: {
    path: '^(core|worker|edge-server|web|cli|cluster|bench|e2e|scripts)/',
    pathNot: `^(${[name, 'core', ...others].join('|')})/`,
  },
});

/** Packages that one file of a room alone may reach. */
const oneDoor = (packages, doors) => ({
  name: `one-door-${packages}`,
  comment: 'Reach runtimes and sockets through the one file of the room that owns them.',
  severity: 'error',
  from: { pathNot: [...doors, '^(bench|e2e|scripts)/', '^vite.config.ts'] },
  to: { path: `(^|node_modules/)(${packages})` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two files that need each other are one, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...floors,
    { ...room('core'), comment: 'core/ imports nothing of ours: move the code there or pass it in.' },
    room('worker'),
    room('edge-server'),
    room('web'),
    room('cli', 'edge-server'),
    room('cluster', 'edge-server'),
    room('bench', 'worker', 'edge-server', 'scripts'),
    room('scripts'),
    room('e2e', 'edge-server', 'scripts', 'cli'),
    {
      name: 'core-is-pure',
      comment: 'core/ has no DOM, no Node, no ONNX: pass in what it needs.',
      severity: 'error',
      from: { path: '^core/', pathNot: String.raw`\.test\.ts$` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'browser-rooms-without-node',
      severity: 'error',
      from: { path: '^(worker|web)/', pathNot: String.raw`\.test\.ts$` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-without-svelte',
      severity: 'error',
      from: { path: '^(core|worker|edge-server|cli)/' },
      to: { path: 'node_modules/(svelte|chart.js)' },
    },
    {
      name: 'tests-only',
      comment: 'Fakes are for tests; benchmarks start the server as tests do.',
      severity: 'error',
      from: { pathNot: `${TESTS}|^(e2e|bench)/` },
      to: { path: '/testing/' },
    },
    oneDoor('onnxruntime-(web|node|common)', ['^worker/onnx.ts$', '^edge-server/onnx.ts$']),
    oneDoor('@xenova|@huggingface', ['^core/model/tokenizer.ts$']),
    oneDoor('@resvg', ['^edge-server/rasterise.ts$']),
    oneDoor('ws/', ['^edge-server/web-socket(.test)?.ts$']),
    oneDoor('pino', ['^edge-server/log.ts$']),
    oneDoor('prom-client', ['^edge-server/operations/metrics.ts$']),
    oneDoor('@opentelemetry', ['^edge-server/operations/traces.ts$', 'node_modules/']),
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(virtual|onnxruntime-web/|chart.js|svelte)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|public)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.svelte', '.svelte.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
