/**
 * Discovery of custom resources
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/customresource_discovery_controller.go).
 */

import type {
  DiscoverySource,
  GroupDiscovery,
  ResourceDiscovery,
  ResourceKind,
} from '../../endpoints/discovery/discovery-source.ts';
import { type APIResource, storageVersionHash } from '../../endpoints/discovery/legacy.ts';
import type { GroupVersion } from '../../runtime/group-version.ts';
import { entryOf } from '../../util/entry-of.ts';
import { compareKubeVersions } from '../../util/kube-version.ts';
import type { DefinitionIndex } from './definition-index.ts';
import type { DefinitionSummary, VersionSummary } from './definition-summary.ts';

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const TERMINATING_VERBS = ['delete', 'deletecollection', 'get', 'list', 'watch'];
const SUBRESOURCE_VERBS = ['get', 'patch', 'update'];
const SCALE: ResourceKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

export class CustomResourceDiscovery implements DiscoverySource {
  readonly #index: DefinitionIndex;
  #groups:
    | { readonly of: readonly DefinitionSummary[]; readonly discovered: readonly GroupDiscovery[] }
    | undefined;

  constructor(index: DefinitionIndex) {
    this.#index = index;
  }

  async groups(): Promise<readonly GroupDiscovery[]> {
    const summaries = await this.#index.summaries();
    if (this.#groups?.of !== summaries) this.#groups = { of: summaries, discovered: groupsOf(summaries) };
    return this.#groups.discovered;
  }

  /** The contribution of the definition `plural.group` to discovery; undefined if it serves nothing. */
  async ofDefinition(name: string): Promise<GroupDiscovery | undefined> {
    const definition = await this.#index.find(name);
    return definition && groupsOf([definition.summary])[0];
  }

  /** The versions of a group in descending order of preference; undefined if there are none. */
  async versions(group: string): Promise<readonly string[] | undefined> {
    const versions = versionsOf(await this.#established(), group);
    return versions.length === 0 ? undefined : versions;
  }

  /** Undefined if the version isn't served. */
  async apiResources(gv: GroupVersion): Promise<readonly APIResource[] | undefined> {
    const served = servedIn(await this.#established(), gv);
    return served.length === 0 ? undefined : served.flatMap((pair) => apiResourcesOf(gv, pair));
  }

  async #established(): Promise<readonly DefinitionSummary[]> {
    return (await this.#index.summaries()).filter(({ established }) => established);
  }
}

/** Visits each definition once, regardless of the number of groups and versions. */
function groupsOf(summaries: readonly DefinitionSummary[]): readonly GroupDiscovery[] {
  const groups = new Map<string, Map<string, ServedPair[]>>();
  for (const summary of summaries) {
    if (!summary.established) continue;
    for (const version of summary.versions) {
      if (!version.served) continue;
      const versions = entryOf(groups, summary.group, () => new Map<string, ServedPair[]>());
      entryOf(versions, version.name, () => []).push({ summary, version });
    }
  }
  return [...groups].map(([name, versions]) => ({
    name,
    versions: [...versions]
      .sort(([a], [b]) => compareKubeVersions(b, a))
      .map(([version, pairs]) => ({
        version,
        resources: resourcesOf(pairs),
        freshness: 'Current' as const,
      })),
  }));
}

interface ServedPair {
  readonly summary: DefinitionSummary;
  readonly version: VersionSummary;
}

function versionsOf(summaries: readonly DefinitionSummary[], group: string): string[] {
  const served = summaries
    .filter((summary) => summary.group === group)
    .flatMap(({ versions }) => versions.filter((version) => version.served))
    .map(({ name }) => name);
  return [...new Set(served)].sort((a, b) => compareKubeVersions(b, a));
}

function servedIn(summaries: readonly DefinitionSummary[], { group, version }: GroupVersion): ServedPair[] {
  return summaries
    .filter((summary) => summary.group === group)
    .flatMap((summary) => {
      const served = summary.versions.find(({ name, served }) => name === version && served);
      return served === undefined ? [] : [{ summary, version: served }];
    });
}

const verbsOf = ({ terminating }: DefinitionSummary): readonly string[] =>
  terminating ? TERMINATING_VERBS : VERBS;

function resourcesOf(pairs: readonly ServedPair[]): ResourceDiscovery[] {
  return pairs
    .map(({ summary, version }) => resourceDiscovery(summary, version))
    .sort((a, b) => (a.resource < b.resource ? -1 : 1));
}

/** Discovery of one version of a definition. */
export function resourceDiscovery(summary: DefinitionSummary, version: VersionSummary): ResourceDiscovery {
  const { plural, singular = '', kind, shortNames, categories } = summary.acceptedNames;
  const responseKind = { group: summary.group, version: version.name, kind };
  const subresources = [
    ...(version.hasStatus ? [{ subresource: 'status', responseKind, verbs: SUBRESOURCE_VERBS }] : []),
    ...(version.hasScale ? [{ subresource: 'scale', responseKind: SCALE, verbs: SUBRESOURCE_VERBS }] : []),
  ];
  return {
    resource: plural,
    responseKind,
    scope: summary.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOf(summary),
    ...(shortNames && shortNames.length > 0 && { shortNames }),
    ...(categories && categories.length > 0 && { categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}

function apiResourcesOf(gv: GroupVersion, { summary, version }: ServedPair): APIResource[] {
  const { plural, singular = '', kind, shortNames, categories } = summary.acceptedNames;
  const { namespaced, storageVersion } = summary;
  const subresource = { singularName: '', namespaced, verbs: SUBRESOURCE_VERBS };
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs: verbsOf(summary),
      ...(shortNames && shortNames.length > 0 && { shortNames }),
      ...(categories && categories.length > 0 && { categories }),
      storageVersionHash: storageVersionHash({
        group: gv.group,
        version: storageVersion,
        kind: summary.kind,
      }),
    },
    ...(version.hasStatus ? [{ ...subresource, name: `${plural}/status`, kind }] : []),
    ...(version.hasScale ? [{ ...subresource, ...SCALE, name: `${plural}/scale` }] : []),
  ];
}
