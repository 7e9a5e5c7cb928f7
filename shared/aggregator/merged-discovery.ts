/** Merges the groups of several servers into one list, ordered by priority. */

import type {
  DiscoverySource,
  GroupDiscovery,
  VersionDiscovery,
} from '../endpoints/discovery/discovery-source.ts';
import { entryOf } from '../util/entry-of.ts';
import { compareGroups } from './group-priority.ts';

export class MergedDiscovery implements DiscoverySource {
  readonly #sources: readonly DiscoverySource[];
  #parts: readonly (readonly GroupDiscovery[])[] = [];
  #merged: readonly GroupDiscovery[] = [];

  /** If two servers have the same version of a group, the first one takes precedence. */
  constructor(sources: readonly DiscoverySource[]) {
    this.#sources = sources;
  }

  async groups(): Promise<readonly GroupDiscovery[]> {
    const parts = await Promise.all(this.#sources.map(async (source) => source.groups()));
    const unchanged =
      parts.length === this.#parts.length && parts.every((part, index) => part === this.#parts[index]);
    if (!unchanged) {
      this.#parts = parts;
      this.#merged = merge(parts.flat());
    }
    return this.#merged;
  }
}

function merge(groups: readonly GroupDiscovery[]): readonly GroupDiscovery[] {
  const merged = new Map<string, Map<string, VersionDiscovery>>();
  for (const { name, versions } of groups) {
    const known = entryOf(merged, name, () => new Map());
    for (const version of versions) entryOf(known, version.version, () => version);
  }
  return [...merged]
    .map(([name, versions]) => ({ name, versions: [...versions.values()] }))
    .sort((a, b) => compareGroups(a.name, b.name));
}
