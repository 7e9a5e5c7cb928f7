/**
 * Resources and verbs of a release, including old ones, from the paths of its OpenAPI document, since discovery
 * documents are published only since 1.26.
 */

import type { ServedResource, ServedResources } from './discovery.ts';
import type { Sources } from './modules.ts';

/** Group version -> resource, or `resource/subresource` -> verbs. */
export type ServedVerbs = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

interface Operation {
  readonly 'x-kubernetes-action'?: string;
  readonly 'x-kubernetes-group-version-kind'?: { readonly kind: string };
}

const VERBS: Readonly<Record<string, string>> = { post: 'create', put: 'update', watchlist: 'watch' };
/** Discovery verbs of connect operations, by method; others aren't in discovery. */
const CONNECT_VERBS: Readonly<Record<string, string>> = {
  delete: 'delete',
  get: 'get',
  patch: 'patch',
  post: 'create',
  put: 'update',
};
const PATH =
  /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))\/(?:watch\/)?(?:namespaces\/\{namespace\}\/(?!status$|finalize$))?(\w+)(?:\/\{name\})?((?<=\{name\})\/\w+)?(?:\/\{path\})?$/;

interface ServedPath {
  readonly version: string;
  /** `pods`, `pods/status`. */
  readonly name: string;
  readonly namespaced: boolean;
  readonly operations: readonly (readonly [method: string, operation: Operation])[];
}

function servedPaths(sources: Sources): ServedPath[] {
  const text = sources.text('kubernetes', 'api/openapi-spec/swagger.json');
  if (text === undefined) throw new Error(`${sources.release} has no api/openapi-spec/swagger.json`);
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, operations]): ServedPath[] => {
    const match = PATH.exec(path);
    if (match === null) return [];
    // Proxies are listed with and without the rest of their path.
    const name = `${match[3]!}${match[4] ?? ''}`;
    const namespaced = path.includes('/namespaces/{namespace}/');
    return [{ version: match[1] ?? match[2]!, name, namespaced, operations: Object.entries(operations) }];
  });
}

function verbOf([method, { 'x-kubernetes-action': action }]: ServedPath['operations'][number]) {
  return action === 'connect' ? CONNECT_VERBS[method] : action && (VERBS[action] ?? action);
}

export function importServedVerbs(sources: Sources): ServedVerbs {
  const served = new Map<string, Map<string, Set<string>>>();
  for (const { version, name, operations } of servedPaths(sources)) {
    const resources = served.get(version) ?? new Map<string, Set<string>>();
    served.set(version, resources);
    const verbs = resources.get(name) ?? new Set<string>();
    resources.set(name, verbs);
    for (const operation of operations) {
      const verb = verbOf(operation);
      if (verb !== undefined) verbs.add(verb);
    }
  }
  return Object.fromEntries(
    [...served].map(([version, resources]) => [
      version,
      Object.fromEntries([...resources].map(([name, verbs]) => [name, [...verbs].sort()])),
    ]),
  );
}

/** The resources as in discovery, without short names and categories, which the document lacks. */
export function importServedKinds(sources: Sources): ServedResources {
  const verbs = importServedVerbs(sources);
  const served = new Map<string, Map<string, ServedResource>>();
  for (const { version, name, namespaced, operations } of servedPaths(sources)) {
    const kinds = operations.map(([, operation]) => operation['x-kubernetes-group-version-kind']?.kind);
    const kind = kinds.find((found) => found !== undefined);
    if (kind === undefined) continue;
    const resources = served.get(version) ?? new Map<string, ServedResource>();
    served.set(version, resources);
    const known = resources.get(name);
    resources.set(name, {
      kind,
      singular: name.includes('/') ? '' : kind.toLowerCase(),
      namespaced: namespaced || known?.namespaced === true,
      verbs: verbs[version]![name]!,
    });
  }
  return Object.fromEntries(
    [...served].map(([version, resources]) => [version, Object.fromEntries(resources)]),
  );
}
