/** The groups of a server: all it has, for its own requests, and what of it clients are shown. */

import type { RESTStorage } from '../../rest/rest-storage.ts';
import { InstalledGroupsDiscovery } from '../discovery/discovery-source.ts';
import { APIGroups, type ScopeDependencies } from './api-groups.ts';
import type { ServingContext } from './serving-context.ts';

type Versions = ReadonlyMap<string, ReadonlyMap<string, RESTStorage>>;

export class ServedGroups {
  /** Everything. */
  readonly own: APIGroups;
  /** Of the release that is emulated, in its forms; the same as `own` where none is. */
  readonly shown: APIGroups;
  readonly ownDiscovery: InstalledGroupsDiscovery;
  readonly discovery: InstalledGroupsDiscovery;
  readonly #scope: ScopeDependencies;

  constructor(scope: ScopeDependencies) {
    this.#scope = scope;
    this.own = new APIGroups(scope);
    this.ownDiscovery = new InstalledGroupsDiscovery(this.own);
    const { emulated } = scope;
    this.shown = emulated === undefined ? this.own : new APIGroups(emulated);
    this.discovery = emulated === undefined ? this.ownDiscovery : new InstalledGroupsDiscovery(this.shown);
  }

  /** Installs the versions of a group that are given, each with its resources. */
  install(group: string, versions: Versions): void {
    this.own.install(group, versions);
    if (this.shown !== this.own) this.shown.install(group, this.#emulated(group, versions));
  }

  /** Those that a request is answered from. */
  of({ loopback }: ServingContext): APIGroups {
    return loopback ? this.own : this.shown;
  }

  #emulated(group: string, versions: Versions): Versions {
    const { isServed } = this.#scope.emulated!;
    return new Map(
      [...versions].map(([version, resources]) => [
        version,
        new Map([...resources].filter(([path]) => isServed({ group, version }, path))),
      ]),
    );
  }
}
