#!/usr/bin/env node
// The `zeroplane` command: bundles the local server when its sources are newer than the bundle, then runs it.
import { existsSync, readdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '../..');
// An installed package has its bundle, and no sources.
const isCheckout = existsSync(join(root, 'shared'));
const bundle = join(root, isCheckout ? 'dist/local' : 'dist/package', 'main.mjs');

/** Time of the newest file below a folder. */
function newest(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((latest, entry) => {
    const path = join(folder, entry.name);
    return Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }, 0);
}

function isStale() {
  const built = statSync(bundle, { throwIfNoEntry: false });
  if (built === undefined) return true;
  const sources = [
    newest(join(root, 'shared')),
    newest(join(root, 'infra')),
    statSync(join(root, 'package-lock.json')).mtimeMs,
  ];
  return Math.max(...sources) > built.mtimeMs;
}

// Suppresses the SDK's warning about Node 20: supported versions are stated in package.json.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

if (isCheckout && isStale()) {
  const { importProgram } = await import('../build/importer.mjs');
  const { buildLocal } = await importProgram('infra/build/build-local.ts');
  await buildLocal(join(root, 'dist/local'));
}
// Enables the compile cache, if this Node has one and the folder is writable. Beside the bundle, since cached code is
// executed.
module.enableCompileCache?.(join(dirname(bundle), 'compile-cache'));
await import(pathToFileURL(bundle).href);
