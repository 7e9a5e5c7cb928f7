/** Converts objects of another cluster to records of a backup, in this server's storage form. */

import { customResourceCodec } from '../apiextensions/registry/customresource/custom-resource-codec.ts';
import { customResourcePrefix } from '../apiextensions/registry/customresource/open-custom-resources.ts';
import type { Service } from '../apis/core/v1/types.ts';
import type { UnstructuredObject } from '../meta/kube-object.ts';
import { serviceName } from '../registry/core/service/claims.ts';
import { newIPAddress } from '../registry/core/service/ip-allocator.ts';
import { NODE_PORTS_PREFIX, newNodePortClaim, nodePortsOf } from '../registry/core/service/port-allocator.ts';
import { resourcePrefix } from '../registry/generic/store.ts';
import type { ObjectDefaulter } from '../runtime/defaulting.ts';
import { formatGroupResource, type GroupResource } from '../runtime/group-version.ts';
import type { RuntimeObject, Scheme } from '../runtime/scheme.ts';
import type { StorageConfig } from '../storage/storage.ts';
import { BACKUP_FORMAT, type BackupRecord, type ObjectRecord } from './backup-records.ts';
import { leftObject, leftResource, type Named } from './left-behind.ts';
import type { Skipped } from './reason-counts.ts';

/** One resource of the other cluster, with all its objects. */
export interface ForeignResource extends GroupResource {
  /** Whether it is a custom resource of that cluster. */
  readonly isCustom: boolean;
  /** An upper bound of its objects' revisions. */
  readonly resourceVersion: number;
  /** In any version of their kind that the scheme supports; with kind and apiVersion. */
  readonly objects: readonly RuntimeObject[];
}

/** How this server stores built-in resources. */
export interface KnownResources {
  readonly scheme: Scheme;
  readonly defaulter: ObjectDefaulter;
  /** By storage prefix. */
  readonly configs: ReadonlyMap<string, StorageConfig<never>>;
}

/**
 * Definitions come first, regardless of their order in `resources`. Services keep their addresses and node ports. Calls
 * `skipped` for everything left out of the records.
 */
export async function* foreignRecords(
  known: KnownResources,
  resources: AsyncIterable<ForeignResource>,
  { source, now, skipped }: { readonly source: string; readonly now: number; readonly skipped: Skipped },
): AsyncGenerator<BackupRecord> {
  yield { backup: BACKUP_FORMAT, createdAt: new Date(now).toISOString(), source };
  const claims = new ServiceClaims();
  for await (const resource of resources) {
    const name = formatGroupResource(resource);
    const left = leftResource(name);
    if (left !== undefined) {
      if (resource.objects.length > 0) skipped(name, resource.objects.length, left);
      continue;
    }
    const prefix = resource.isCustom ? customResourcePrefix(resource) : resourcePrefix(resource);
    const config = known.configs.get(prefix);
    if (!resource.isCustom && config === undefined) {
      skipped(name, resource.objects.length, 'this version does not store it');
      continue;
    }
    const records: ObjectRecord[] = [];
    for (const object of resource.objects as readonly Named[]) {
      const reason = leftObject(name, object);
      if (reason !== undefined) {
        skipped(name, 1, reason);
        continue;
      }
      claims.note(name, object);
      records.push({ key: keyOf(object), object: config ? asStored(known, config, object) : asIs(object) });
    }
    const { group, resource: plural, resourceVersion } = resource;
    yield { prefix, group, resource: plural, resourceVersion, objects: records.length };
    yield* records;
  }
  yield* claims.records(known);
}

const asIs = (object: Named): UnstructuredObject => object as unknown as UnstructuredObject;

/** The object with defaults, in this server's storage version. */
function asStored(
  { scheme, defaulter }: KnownResources,
  config: StorageConfig<never>,
  object: RuntimeObject,
): UnstructuredObject {
  defaulter.applyDefaults(object);
  return encoded(config, scheme.toInternal(object));
}

/** The storage form of an internal object. */
function encoded({ codec }: StorageConfig<never>, internal: RuntimeObject): UnstructuredObject {
  return customResourceCodec.decode(codec.encode(internal as never, 0));
}

function keyOf({ metadata: { namespace, name } }: Named): string {
  return namespace ? `${namespace}/${name}` : name;
}

const ADDRESSES = { group: 'networking.k8s.io', resource: 'ipaddresses' };

/** Addresses and node ports of services, for clusters without objects for them. */
class ServiceClaims {
  readonly #services: Service[] = [];
  #hasAddresses = false;

  note(resource: string, object: RuntimeObject): void {
    if (resource === 'services') this.#services.push(object as unknown as Service);
    if (resource === formatGroupResource(ADDRESSES)) this.#hasAddresses = true;
  }

  *records({ configs }: KnownResources): Generator<BackupRecord> {
    yield* resourceOf(
      { prefix: NODE_PORTS_PREFIX, group: '', resource: 'nodeports' },
      this.#services.flatMap((service) =>
        nodePortsOf(service).map((port) => newNodePortClaim(String(port), serviceName(service))),
      ) as unknown as UnstructuredObject[],
    );
    const prefix = resourcePrefix(ADDRESSES);
    const config = configs.get(prefix);
    if (this.#hasAddresses || config === undefined) return;
    yield* resourceOf(
      { ...ADDRESSES, prefix },
      this.#services.flatMap((service) =>
        (service.spec.clusterIPs ?? [])
          .filter((ip) => ip !== '' && ip !== 'None')
          .map((ip) => encoded(config, newIPAddress(ip, serviceName(service)))),
      ),
    );
  }
}

function* resourceOf(
  resource: GroupResource & { readonly prefix: string },
  objects: readonly UnstructuredObject[],
): Generator<BackupRecord> {
  yield { ...resource, resourceVersion: 1, objects: objects.length };
  for (const object of objects) yield { key: object.metadata.name!, object };
}
