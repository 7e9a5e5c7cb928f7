/**
 * Resources and verbs of a release, old ones too, out of the paths of its OpenAPI document: discovery's own documents
 * are published since 1.26 only.
 */

import type { BuiltinResource } from '../../shared/apis/resource-table.ts';
import { builtinResources } from '../../shared/apis/resource-table.ts';
import { compareVersions } from './compare-versions.ts';
import type { Sources } from './modules.ts';

/** Group version -> resource -> verbs. */
export type ServedVerbs = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

interface Operation {
  readonly 'x-kubernetes-action'?: string;
}

const VERBS: Readonly<Record<string, string>> = { post: 'create', put: 'update', watchlist: 'watch' };
const PATH =
  /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))\/(?:watch\/)?(?:namespaces\/\{namespace\}\/(?!status$|finalize$))?(\w+)(?:\/\{name\})?$/;

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
    const verbs = resources.get(match[3]!) ?? new Set<string>();
    resources.set(match[3]!, verbs);
    for (const { 'x-kubernetes-action': action } of Object.values(operations)) {
      if (action !== undefined) verbs.add(VERBS[action] ?? action);
    }
  }
  return Object.fromEntries(
    [...served].map(([version, resources]) => [
      version,
      Object.fromEntries([...resources].map(([name, verbs]) => [name, [...verbs].sort()])),
    ]),
  );
}

/** What the table says that a minor such as `1.20` serves. */
export function verbsOfTable(minor: string): ServedVerbs {
  const isServed = ({ lifecycle: { introduced = '1.0', removed = '9.0' } = {} }: BuiltinResource) =>
    compareVersions(introduced, minor) <= 0 && compareVersions(removed, minor) > 0;
  const versions = [...builtinResources()].map(([version, { resources }]): [string, ServedVerbs[string]] => {
    const served = Object.entries(resources).filter(([, resource]) => isServed(resource));
    return [version, Object.fromEntries(served.map(([name, { verbs }]) => [name, [...verbs].sort()]))];
  });
  return Object.fromEntries(versions.filter(([, resources]) => Object.keys(resources).length > 0));
}
