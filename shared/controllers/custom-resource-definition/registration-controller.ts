/**
 * Maintains an APIService for every group version of custom resources
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controlplane/controller/crdregistration/crdregistration_controller.go).
 */

import { AUTO_MANAGED, localAPIService } from '../../aggregator/local-api-services.ts';
import type { Definition } from '../../apis/apiextensions/definition.ts';
import { versionsOf } from '../../apis/apiextensions/definition.ts';
import type { APIService } from '../../apis/apiregistration/v1/types.ts';
import type { DiscoverySource } from '../../endpoints/discovery/discovery-source.ts';
import { isAlreadyExists, isNotFound } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const API_SERVICES = { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' };
const MANAGED = 'true';
const isManaged = ({ metadata }: APIService): boolean => metadata.labels?.[AUTO_MANAGED] === MANAGED;

export class RegistrationController implements Controller {
  readonly name = 'crd-registration-controller';
  readonly looksThroughMuch = true;
  readonly #resources: ResourceAccess;
  /** Of custom resources only. */
  readonly #discovery: DiscoverySource;

  constructor(resources: ResourceAccess, discovery: DiscoverySource) {
    this.#resources = resources;
    this.#discovery = discovery;
  }

  /** Keys are `version.group`, like names of APIServices. A deletion doesn't tell which versions were served. */
  keysFor({ type, resource, name, object }: Change): string[] {
    if (!isResource(resource, 'apiextensions.k8s.io', 'customresourcedefinitions')) return [];
    if (type === 'DELETED') return [`.${name.slice(name.indexOf('.') + 1)}`];
    const { spec } = object() as Definition;
    return versionsOf(spec).map((version) => `${version.name}.${spec.group}`);
  }

  async allKeys(): Promise<Iterable<string>> {
    const groups = await this.#discovery.groups();
    const served = new Set(
      groups.flatMap(({ name, versions }) => versions.map(({ version }) => `${version}.${name}`)),
    );
    const { items } = await this.#resources.lister<APIService>(API_SERVICES).snapshot(0);
    const known = new Set(items.map(({ metadata }) => metadata.name));
    const abandoned = items.filter(isManaged).flatMap(({ metadata }) => metadata.name ?? []);
    return [
      ...[...served].filter((name) => !known.has(name)),
      ...abandoned.filter((name) => !served.has(name)),
    ];
  }

  /** A key without a version stands for all versions the group may have had. */
  async reconcile(key: string): Promise<undefined> {
    if (!key.startsWith('.')) return this.#reconcileVersion(key);
    const group = key.slice(1);
    for (const { metadata, spec } of await this.#managed()) {
      if (spec.group === group) await this.#reconcileVersion(metadata.name!);
    }
  }

  async #reconcileVersion(name: string): Promise<undefined> {
    const { client } = this.#resources;
    const wanted = await this.#wanted(name);
    const existing = await this.#resources.lister<APIService>(API_SERVICES).get('', name, 0);
    if (wanted !== undefined && existing === undefined) {
      await client.create(API_SERVICES, wanted).catch((error: unknown) => {
        if (!isAlreadyExists(error)) throw error;
      });
    }
    if (wanted === undefined && existing !== undefined && isManaged(existing)) {
      await client.delete(API_SERVICES, { name }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }

  async #wanted(name: string): Promise<APIService | undefined> {
    for (const { name: group, versions } of await this.#discovery.groups()) {
      const rank = versions.findIndex(({ version }) => `${version}.${group}` === name);
      if (rank >= 0) return localAPIService({ group, version: versions[rank]!.version }, MANAGED);
    }
    return undefined;
  }

  async #managed(): Promise<readonly APIService[]> {
    const { items } = await this.#resources.lister<APIService>(API_SERVICES).snapshot(0);
    return items.filter(isManaged);
  }
}
