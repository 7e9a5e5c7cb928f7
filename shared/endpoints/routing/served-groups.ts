/** The groups of a server: all of them for its own requests, and those visible to clients. */

import type { RESTStorage } from '../../rest/rest-storage.ts';
import { InstalledGroupsDiscovery } from '../discovery/discovery-source.ts';
import { APIGroups, type ScopeDependencies } from './api-groups.ts';
import type { ServingContext } from './serving-context.ts';

type Versions = ReadonlyMap<string, ReadonlyMap<string, RESTStorage>>;

export class ServedGroups {
  /** All groups. */
  readonly own: APIGroups;
  /** The groups of the emulated release, in its forms; the same as `own` without emulation. */
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

  /** Installs versions of a group, each with its resources. */
  install(group: string, versions: Versions): void {
    this.own.install(group, versions);
    if (this.shown !== this.own) this.shown.install(group, this.#emulated(group, versions));
  }

  /** The groups from which a request is answered. */
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
