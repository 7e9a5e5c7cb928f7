/** The feature gates that a release's kube-apiserver checks: those named in the code of its packages. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sources } from './modules.ts';

/** Packages of k8s.io/kubernetes; the others belong to other programs. */
const PACKAGES = [
  'pkg/api',
  'pkg/apis',
  'pkg/auth',
  'pkg/capabilities',
  'pkg/controlplane',
  'pkg/kubeapiserver',
  'pkg/printers',
  'pkg/quota',
  'pkg/registry',
  'pkg/routes',
  'pkg/serviceaccount',
  'plugin/pkg',
];
const MODULES = ['apiserver', 'apiextensions-apiserver', 'kube-aggregator'];

/** Every Go file below a folder, except tests and test data. */
function* goFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !/^(?:testing|testdata|features)$/.test(entry.name)) yield* goFiles(path);
    else if (entry.name.endsWith('.go') && !entry.name.endsWith('_test.go')) yield path;
  }
}

/** The gates of `known` that are used as `features.Gate`, sorted. */
export function importReadGates(sources: Sources, known: readonly string[]): readonly string[] {
  const folders = [
    ...PACKAGES.map((path) => join(sources.folder('kubernetes'), path)),
    ...MODULES.map((module) => join(sources.folder(module), 'pkg')),
    join(sources.folder('apiserver'), 'plugin/pkg'),
  ];
  const named = new Set<string>();
  for (const file of folders.flatMap((folder) => [...goFiles(folder)])) {
    for (const [, gate] of readFileSync(file, 'utf8').matchAll(/\b\w*[fF]eatures\.(\w+)/g)) named.add(gate!);
  }
  return known.filter((gate) => named.has(gate)).sort();
}
