/**
 * Keeps the Available condition of remote APIServices
 * (https://github.com/kubernetes/kube-aggregator/blob/master/pkg/controllers/status/remote/remote_available_controller.go).
 */

import { type Availability, withAvailability } from '../../aggregator/available-condition.ts';
import { aggregatorRequest } from '../../aggregator/download-json.ts';
import type { RemoteAPIService, RemoteServers } from '../../aggregator/remote-servers.ts';
import type { APIService } from '../../apis/apiregistration/v1/types.ts';
import type { EndpointSlice } from '../../apis/discovery/v1/types.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { configuredAddress, type ServiceReference, serviceOf } from '../../rest/service-resolver.ts';
import { equalJSON } from '../../util/json-equal.ts';
import { type Change, type Controller, isResource } from '../controller.ts';
import type { AvailabilityMetrics } from './availability-metrics.ts';
import { serviceFault } from './service-fault.ts';

const API_SERVICES = { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' };
const RECHECK_MS = 30_000;
const TIMEOUT_MS = 5_000;
/** A failure may be that of only one of several endpoints. */
const MORE_ATTEMPTS = 4;
const PASSED: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };

export interface AvailableConditionOptions {
  readonly remotes: RemoteServers;
  /** Addresses of Services by `namespace/name[:port]`, which override those in the API. */
  readonly configured: ReadonlyMap<string, string>;
  readonly metrics: AvailabilityMetrics;
}

/** Keys are names of APIServices, and `namespace/name` of Services that APIServices may refer to. */
export class AvailableConditionController implements Controller {
  readonly name = 'apiservice-status-remote-available-controller';
  readonly #resources: ResourceAccess;
  readonly #remotes: RemoteServers;
  readonly #configured: ReadonlyMap<string, string>;
  readonly #metrics: AvailabilityMetrics;

  constructor(resources: ResourceAccess, { remotes, configured, metrics }: AvailableConditionOptions) {
    this.#metrics = metrics;
    this.#resources = resources;
    this.#remotes = remotes;
    this.#configured = configured;
  }

  keysFor({ resource, namespace, name, object }: Change): string[] {
    if (isResource(resource, API_SERVICES.group, API_SERVICES.resource)) return [name];
    if (isResource(resource, '', 'services')) return [`${namespace}/${name}`];
    if (!isResource(resource, 'discovery.k8s.io', 'endpointslices')) return [];
    const service = serviceOf(object() as EndpointSlice);
    return service === undefined ? [] : [`${namespace}/${service}`];
  }

  async allKeys(): Promise<Iterable<string>> {
    return (await this.#remotes.all(0)).keys();
  }

  async reconcile(key: string): Promise<number | undefined> {
    const all = await this.#remotes.all(0);
    if (key.includes('/')) {
      const concerned = [...all.values()].filter((remote) => {
        const { namespace, name } = referenceOf(remote.apiService);
        return `${namespace}/${name}` === key;
      });
      await Promise.all(concerned.map((remote) => this.#check(remote)));
      return undefined;
    }
    const remote = all.get(key);
    if (remote === undefined) {
      this.#metrics.gone(key);
      return undefined;
    }
    await this.#check(remote);
    return RECHECK_MS;
  }

  async #check(remote: RemoteAPIService): Promise<void> {
    const { apiService } = remote;
    const before = apiService.status.conditions ?? [];
    const availability = await this.#availabilityOf(remote);
    const isAvailable = availability.status === 'True';
    this.#metrics.checked(apiService.metadata.name!, isAvailable);
    const conditions = withAvailability(apiService.status.conditions, availability);
    if (equalJSON(conditions, before)) return;
    await this.#write(apiService, conditions);
    const was = before.find(({ type }) => type === 'Available');
    if (!isAvailable && was?.status === 'True')
      this.#metrics.becameUnavailable(apiService.metadata.name!, availability.reason ?? '');
  }

  async #availabilityOf(remote: RemoteAPIService): Promise<Availability> {
    const reference = referenceOf(remote.apiService);
    if (configuredAddress(this.#configured, reference) === undefined) {
      const fault = await serviceFault(this.#resources, reference);
      if (fault !== undefined) return fault;
    }
    try {
      await probe(remote).catch(() =>
        Promise.any(Array.from({ length: MORE_ATTEMPTS }, () => probe(remote))),
      );
      return PASSED;
    } catch (error) {
      const { message } = (error as AggregateError).errors[0] as Error;
      return { status: 'False', reason: 'FailedDiscoveryCheck', message };
    }
  }

  async #write(
    { metadata }: APIService,
    conditions: NonNullable<APIService['status']['conditions']>,
  ): Promise<void> {
    const { name, resourceVersion } = metadata;
    const patch = { metadata: { resourceVersion }, status: { conditions } };
    try {
      await this.#resources.client.patch(API_SERVICES, patch, { name: name!, subresource: 'status' });
    } catch (error) {
      // The conflicting write queues the key again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}

function referenceOf({ spec }: APIService): ServiceReference {
  const { namespace = '', name = '', port = 443 } = spec.service ?? {};
  return { namespace, name, port };
}

function probe({ apiService, server }: RemoteAPIService): Promise<void> {
  const { group = '', version = '' } = apiService.spec;
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return server.probe(aggregatorRequest(path, TIMEOUT_MS));
}
