/** Locates the sources of a Kubernetes release: Go modules, through the `go` command or in a folder. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const STAGING = [
  'api',
  'apimachinery',
  'apiserver',
  'apiextensions-apiserver',
  'kube-aggregator',
  'component-base',
  'client-go',
];

/** One release's sources. */
export interface Sources {
  /** `v1.37.2`. */
  readonly release: string;
  /** `1.37`. */
  readonly minor: string;
  /** Folder of a module of `k8s.io/`, such as `api`. Throws if there is none. */
  folder(module: string): string;
  /** Text of a file of a module, or undefined if the release has no such file. */
  text(module: string, path: string): string | undefined;
}

/** The version of a module: `v1.37.2` of k8s.io/kubernetes has v0.37.2 of its staging modules. */
function versionOf(module: string, release: string): string {
  return module === 'kubernetes' ? release : release.replace(/^v1\./, 'v0.');
}

/**
 * Output of the `go` command, whose exit code is ignored: a module that needs a newer Go is downloaded all the same.
 */
function go(...args: string[]): string {
  const options = { encoding: 'utf8', env: { ...process.env, GOFLAGS: '-mod=mod' }, cwd: '/' } as const;
  const { stdout, error } = spawnSync('go', args, options);
  if (error) throw error;
  return stdout;
}

function download(module: string, version: string): string {
  const path = `k8s.io/${module}@${version}`;
  const { Dir, Error: why } = JSON.parse(go('mod', 'download', '-json', path)) as {
    Dir?: string;
    Error?: string;
  };
  if (Dir !== undefined) return Dir;
  const unpacked = join(go('env', 'GOMODCACHE').trim(), path);
  if (existsSync(unpacked)) return unpacked;
  throw new Error(why ?? `the go command has no ${path}`);
}

/**
 * The sources of a release such as `v1.37.2`. `folder` has modules in the layout of Go's module cache
 * (`k8s.io/api@v0.37.2`), or is a checkout of Kubernetes; without it the `go` command downloads what is needed. Throws
 * for an invalid release.
 */
export function openSources(release: string, folder?: string): Sources {
  const match = /^v(1\.\d+)\.\d+(?:-[\w.]+)?$/.exec(release);
  if (match === null) throw new Error(`not a release of Kubernetes: ${release} (v1.37.2 is one)`);
  const found = new Map<string, string>();
  const locate = (module: string): string => {
    const version = versionOf(module, release);
    if (folder === undefined) return download(module, version);
    const places = [
      join(folder, `k8s.io/${module}@${version}`),
      module === 'kubernetes' ? folder : join(folder, 'staging/src/k8s.io', module),
    ];
    const place = places.find((path) =>
      existsSync(join(path, module === 'kubernetes' ? 'pkg/features' : '.')),
    );
    if (place === undefined) throw new Error(`k8s.io/${module}@${version} is not in ${folder}`);
    return place;
  };
  const sources: Sources = {
    release,
    minor: match[1]!,
    folder(module) {
      if (module !== 'kubernetes' && !STAGING.includes(module)) throw new Error(`unknown module ${module}`);
      const place = found.get(module) ?? locate(module);
      found.set(module, place);
      return place;
    },
    text(module, path) {
      const file = join(sources.folder(module), path);
      return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    },
  };
  return sources;
}

/** The Go version that a release requires: `go1.26`. */
export function goOf(sources: Sources): string {
  const go = /^go (\d+\.\d+)/m.exec(sources.text('kubernetes', 'go.mod') ?? '')?.[1];
  if (go === undefined) throw new Error(`${sources.release}: go.mod names no Go`);
  return `go${go}`;
}
