/**
 * Resources and verbs of a release, old ones too, out of the paths of its OpenAPI document: discovery's own documents
 * are published since 1.26 only.
 */

import { resourcesOf } from '../../shared/apis/emulated-resources.ts';
import { builtinResources } from '../../shared/apis/resource-table.ts';
import type { Sources } from './modules.ts';

/** Group version -> resource, or `resource/subresource` -> verbs. */
export type ServedVerbs = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

interface Operation {
  readonly 'x-kubernetes-action'?: string;
}

const VERBS: Readonly<Record<string, string>> = { post: 'create', put: 'update', watchlist: 'watch' };
/** Of what connects, by method; discovery tells of no others. */
const CONNECT_VERBS: Readonly<Record<string, string>> = {
  delete: 'delete',
  get: 'get',
  patch: 'patch',
  post: 'create',
  put: 'update',
};
const PATH =
  /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))\/(?:watch\/)?(?:namespaces\/\{namespace\}\/(?!status$|finalize$))?(\w+)(?:\/\{name\})?((?<=\{name\})\/\w+)?(?:\/\{path\})?$/;

export function importServedVerbs(sources: Sources): ServedVerbs {
  const text = sources.text('kubernetes', 'api/openapi-spec/swagger.json');
  if (text === undefined) throw new Error(`${sources.release} has no api/openapi-spec/swagger.json`);
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Operation>> };
  const served = new Map<string, Map<string, Set<string>>>();
  for (const [path, operations] of Object.entries(paths)) {
    const match = PATH.exec(path);
    if (match === null) continue;
    const version = match[1] ?? match[2]!;
    const resources = served.get(version) ?? new Map<string, Set<string>>();
    served.set(version, resources);
    // Proxies are listed with and without the rest of their path.
    const name = `${match[3]!}${match[4] ?? ''}`;
    const verbs = resources.get(name) ?? new Set<string>();
    resources.set(name, verbs);
    for (const [method, { 'x-kubernetes-action': action }] of Object.entries(operations)) {
      const verb = action === 'connect' ? CONNECT_VERBS[method] : action && (VERBS[action] ?? action);
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

/** What the table says that a minor such as `1.20` served. */
export function verbsOfTable(minor: string): ServedVerbs {
  const versions = [...resourcesOf(builtinResources(), minor)].map(([version, { resources }]) => {
    const entries = Object.entries(resources).flatMap(([name, { verbs, subresources = {} }]) => [
      [name, [...verbs].sort()],
      ...Object.entries(subresources).map(([part, of]) => [`${name}/${part}`, [...of.verbs].sort()]),
    ]);
    return [version, Object.fromEntries(entries)];
  });
  return Object.fromEntries(versions) as ServedVerbs;
}
