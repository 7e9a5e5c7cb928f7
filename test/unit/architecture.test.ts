import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
// Vite's parser, installed with Vitest.
import { parseAst } from 'rolldown/parseAst';
import { expect, test } from 'vitest';

/** A folder of `shared/` imports only itself and folders above it in this list. */
const LAYERS = [
  'util',
  'metrics',
  'runtime',
  'meta',
  'request',
  'cel',
  'storage',
  'apis',
  'rest',
  'authn',
  'authz',
  'admission',
  'audit',
  'registry',
  'endpoints',
  'apiextensions',
  'controlplane',
  'aggregator',
  'controllers',
  'backup',
  'server',
  'fleet',
  'ui',
];

/** Contract folders on the same level, which never import each other. */
const SIBLINGS = ['authn', 'authz', 'admission', 'audit'];

/** Folders that a higher layer must not import. */
const UNKNOWN: Readonly<Record<string, readonly string[]>> = {
  // Endpoints depend on the capabilities of storages, not on specific ones.
  endpoints: ['registry'],
};

/** Packages that only the named folders may import. */
const CONFINED: Record<string, readonly string[]> = {
  '@aws-sdk/': ['shared/storage/dynamodb/', 'shared/storage/encryption/', 'functions/', 'infra/', 'test/'],
  '@middy/': ['functions/', 'test/'],
  '@grpc/': ['shared/server/tracing/otlp-tracer.ts', 'test/'],
  '@opentelemetry/': ['shared/server/tracing/otlp-tracer.ts', 'test/'],
  'aws-lambda': ['functions/', 'infra/', 'test/'],
  vitest: ['test/', 'vitest.config.ts'],
};

const root = resolve(import.meta.dirname, '../..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function imports(file: string): string[] {
  const text = textOf(file);
  const pattern =
    /^(?:import|export)[^;'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|^import\s+['"]([^'"]+)['"]/gm;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const files = sources('shared').concat(
  ['functions', 'infra'].flatMap((folder) => {
    try {
      return sources(folder);
    } catch {
      return [];
    }
  }),
);

test('layers import downward only', () => {
  let seen = 0;
  const violations: string[] = [];
  for (const file of files) {
    for (const specifier of imports(file)) {
      seen++;
      if (!specifier.startsWith('.')) continue;
      const target = relative(root, resolve(root, dirname(file), specifier));
      if (!file.startsWith('shared/')) continue;
      const from = file.split('/')[1]!;
      const to = target.startsWith('shared/') ? target.split('/')[1]! : `outside shared (${target})`;
      if (from === to) continue;
      const sideways = SIBLINGS.includes(from) && SIBLINGS.includes(to);
      if (
        sideways ||
        UNKNOWN[from]?.includes(to) ||
        !LAYERS.includes(to) ||
        LAYERS.indexOf(to) > LAYERS.indexOf(from)
      ) {
        violations.push(`${file} imports ${target}`);
      }
    }
  }
  expect(violations).toEqual([]);
  expect(seen).toBeGreaterThan(0);
});

test('packages are imported in their own folders only', () => {
  const violations = files.flatMap((file) =>
    imports(file)
      .filter((specifier) =>
        Object.entries(CONFINED).some(
          ([name, homes]) => specifier.startsWith(name) && !homes.some((home) => file.startsWith(home)),
        ),
      )
      .map((specifier) => `${file} imports ${specifier}`),
  );
  expect(violations).toEqual([]);
});

test('the capabilities of a storage are queried, not derived from its class', () => {
  const violations = files.filter((file) => /\binstanceof \w*(?:Store|REST)\b/.test(textOf(file)));
  expect(violations).toEqual([]);
});

test('no list is spread into arguments: long ones overflow the stack', () => {
  const asArguments =
    /(?:\.(?:push|unshift|splice)|Math\.(?:max|min)|String\.from(?:CharCode|CodePoint))\((?:[^;()]|\([^()]*\))*?(?<![[{,]\s*|\w)\.\.\./g;
  const known = [
    // At most sixteen bytes.
    'shared/util/netip.ts',
    // A constant.
    'shared/admission/podsecurity/evaluate-pod.ts',
  ];
  const violations = files
    .filter((file) => !known.includes(file))
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(asArguments)].map(([found]) => `${file}: ${found}`),
    );
  expect(violations).toEqual([]);
});

test('every folder of shared is a layer', () => {
  const folders = readdirSync(join(root, 'shared'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  expect(folders.filter((folder) => !LAYERS.includes(folder))).toEqual([]);
});

test('only hosts read the process: they pass on its environment', () => {
  const readers = files.filter(
    (file) => file.startsWith('shared/') && /process\s*(\.|\?\.|\[)\s*['"]?(env|argv)\b/.test(textOf(file)),
  );
  expect(readers).toEqual([]);
});

/** Static imports that exist at run time, without types and `import()`. */
function valueImports(file: string): string[] {
  const pattern =
    /^(?:import|export)\s+(?!type\b)([^;'"]*?)from\s+['"](\.[^'"]+)['"]|^import\s+['"](\.[^'"]+)['"]/gm;
  return [...textOf(file).matchAll(pattern)].flatMap(([, names = '', from, alone]) => {
    const listed = /^\{([^}]*)\}\s*$/
      .exec(names)?.[1]
      ?.split(',')
      .map((name) => name.trim());
    if (listed?.every((name) => name === '' || name.startsWith('type '))) return [];
    return [relative(root, resolve(root, dirname(file), from ?? alone!))];
  });
}

test('value imports have no cycles', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (done.has(file) || path.includes(file) || !file.endsWith('.ts')) return;
    for (const next of valueImports(file)) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
  expect(done.size).toBeGreaterThan(500);
});

/** Values without an import, and their external callers. */
const CALLED_FROM_OUTSIDE: Readonly<Record<string, string>> = {
  'infra/build/build-local.ts': 'infra/local/zeroplane.mjs',
  'infra/build/text-files.ts': 'vitest.config.ts',
  'infra/emulator/fleet-deployment.ts': 'the tests of a deployed fleet',
};

test('an exported value is used by another file of the product, or in its own', () => {
  const words = (file: string) => textOf(file).match(/[A-Za-z_$][\w$]*/g) ?? [];
  const known = new Map<string, number>();
  for (const file of [...files, 'infra/local/zeroplane.mjs', 'infra/build/run.mjs']) {
    for (const name of new Set(words(file))) known.set(name, (known.get(name) ?? 0) + 1);
  }
  const declared = /^export (?:async )?(?:abstract )?(?:function\*?|class|const) ([\w$]+)/gm;
  const dead = files
    // Upstream's types are generated as a whole.
    .filter((file) => !file.endsWith('/types.ts') && CALLED_FROM_OUTSIDE[file] === undefined)
    .flatMap((file) =>
      [...textOf(file).matchAll(declared)]
        .filter(
          ([, name]) => known.get(name!) === 1 && words(file).filter((word) => word === name).length === 1,
        )
        .map(([, name]) => `${file} exports ${name}`),
    );
  expect(dead).toEqual([]);
});

/**
 * Functions that may be called with a literal `true` or `false`: it is the actual value, or the signature is not ours.
 */
const TAKES_BOOLEANS = new Set([
  // The value to show, return or find, or a default.
  ...['invalid', 'notSupported', 'literal', 'constant', 'resolve', 'indexOf', 'lastIndexOf', 'flag'],
  // Platform APIs.
  ...['setUint32', 'importKey', 'generateKey', 'getPeerCertificate'],
  // APIs of libraries: commander, x509, yaml.
  ...['option', 'helpOption', 'BasicConstraintsExtension', 'KeyUsagesExtension', 'compose'],
]);

interface CallNode {
  readonly callee: { readonly name?: string; readonly property?: { readonly name?: string } };
  readonly arguments: readonly { readonly type: string; readonly value?: unknown }[];
  readonly start: number;
  readonly end: number;
}

function collectCalls(node: unknown, calls: CallNode[] = []): CallNode[] {
  if (typeof node !== 'object' || node === null) return calls;
  const { type } = node as { readonly type?: string };
  if (type === 'CallExpression' || type === 'NewExpression') calls.push(node as CallNode);
  for (const key in node) collectCalls((node as Record<string, unknown>)[key], calls);
  return calls;
}

test('boolean arguments of calls are named', () => {
  const violations = files.flatMap((file) => {
    const text = textOf(file);
    if (!/[(,]\s*(?:true|false)\s*[,)]/.test(text)) return [];
    return collectCalls(parseAst(text, { lang: 'ts' }))
      .filter(({ callee }) => !TAKES_BOOLEANS.has(callee.property?.name ?? callee.name ?? ''))
      .filter((call) =>
        call.arguments.some(({ type, value }) => type === 'Literal' && typeof value === 'boolean'),
      )
      .map(({ start, end }) => `${file}: ${text.slice(start, end)}`);
  });
  expect(violations).toEqual([]);
});
