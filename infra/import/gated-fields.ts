/**
 * The fields that feature gates drop, by running the release's own strategies: Go builds gated-fields/main.go with its
 * modules.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../build/bundle-options.ts';
import type { Sources } from './modules.ts';

/** Kind -> gate -> fields dropped while the gate is off. */
export type GatedFieldFacts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Kubernetes' own go.mod, with its staging modules as published. */
function goMod(sources: Sources): string {
  const { release } = sources;
  const staging = release.replace(/^v1\./, 'v0.');
  const published = sources
    .text('kubernetes', 'go.mod')!
    .replace(/^module .*$/m, 'module facts')
    .replaceAll(/=> \.\/staging\/src\/(\S+)/g, `=> $1 ${staging}`)
    .replaceAll(/ v0\.0\.0$/gm, ` ${staging}`);
  return `${published}\nrequire k8s.io/kubernetes ${release}\n`;
}

/** Takes minutes. Throws with the go command's message if it fails. */
export function importGatedFields(sources: Sources): GatedFieldFacts {
  const folder = mkdtempSync(join(tmpdir(), 'gated-fields-'));
  try {
    writeFileSync(join(folder, 'go.mod'), goMod(sources));
    writeFileSync(join(folder, 'go.sum'), readFileSync(join(sources.folder('kubernetes'), 'go.sum')));
    copyFileSync(join(root, 'infra/import/gated-fields/main.go'), join(folder, 'main.go'));
    const env = { ...process.env, GOFLAGS: '-mod=mod' };
    const { stdout, stderr, status } = spawnSync('go', ['run', '.'], {
      cwd: folder,
      env,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as GatedFieldFacts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** JSON with one gate per line. */
export function formatGatedFields(facts: GatedFieldFacts): string {
  const sorted = (of: Readonly<Record<string, unknown>>) =>
    Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
  const kinds = sorted(facts).map(([kind, gates]) => {
    const lines = sorted(gates as Record<string, unknown>).map(
      ([gate, fact]) => `  ${JSON.stringify(gate)}: ${JSON.stringify(fact)}`,
    );
    return `${JSON.stringify(kind)}: {\n${lines.join(',\n')}\n}`;
  });
  return `{\n${kinds.join(',\n')}\n}\n`;
}
