/** The groups of several servers as one list, in the order of their priority. */

import type { DiscoverySource, GroupDiscovery } from '../endpoints/discovery/discovery-source.ts';
import { compareGroups } from './group-priority.ts';

export class MergedDiscovery implements DiscoverySource {
  readonly #sources: readonly DiscoverySource[];
  #parts: readonly (readonly GroupDiscovery[])[] = [];
  #merged: readonly GroupDiscovery[] = [];

  /** Where two servers have the same version of a group, the first has it. */
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
  const merged = new Map<string, GroupDiscovery>();
  for (const group of groups) {
    const known = merged.get(group.name);
    if (known === undefined) merged.set(group.name, group);
    else {
      const added = group.versions.filter(
        ({ version }) => !known.versions.some((other) => other.version === version),
      );
      merged.set(group.name, { ...known, versions: [...known.versions, ...added] });
    }
  }
  return [...merged.values()].sort((a, b) => compareGroups(a.name, b.name));
}
