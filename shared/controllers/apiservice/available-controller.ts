/**
 * Keeps the Available condition of remote APIServices
 * (https://github.com/kubernetes/kube-aggregator/blob/master/pkg/controllers/status/remote/remote_available_controller.go).
 */

import { type Availability, withAvailability } from '../../aggregator/available-condition.ts';
import { fetchVersion } from '../../aggregator/remote-discovery.ts';
import type { RemoteAPIService, RemoteServers } from '../../aggregator/remote-servers.ts';
import type { APIService } from '../../apis/apiregistration/v1/types.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { equalJSON } from '../../util/json-equal.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const API_SERVICES = { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' };
const RECHECK_MS = 30_000;
const PASSED: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };

export class AvailableConditionController implements Controller {
  readonly name = 'apiservice-status-remote-available-controller';
  readonly #resources: ResourceAccess;
  readonly #remotes: RemoteServers;

  constructor(resources: ResourceAccess, remotes: RemoteServers) {
    this.#resources = resources;
    this.#remotes = remotes;
  }

  keysFor({ resource, name }: Change): string[] {
    return isResource(resource, API_SERVICES.group, API_SERVICES.resource) ? [name] : [];
  }

  async allKeys(): Promise<Iterable<string>> {
    return (await this.#remotes.all(0)).keys();
  }

  async reconcile(key: string): Promise<number | undefined> {
    const remote = (await this.#remotes.all(0)).get(key);
    if (remote === undefined) return undefined;
    const conditions = withAvailability(remote.apiService.status.conditions, await availabilityOf(remote));
    if (!equalJSON(conditions, remote.apiService.status.conditions ?? [])) {
      await this.#write(remote.apiService, conditions);
    }
    return RECHECK_MS;
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
      // Somebody else wrote: the change brings the key back.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}

async function availabilityOf(remote: RemoteAPIService): Promise<Availability> {
  try {
    await fetchVersion(remote);
    return PASSED;
  } catch (error) {
    const { group = '', version = '' } = remote.apiService.spec;
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const why = error instanceof Error ? error.message : String(error);
    return {
      status: 'False',
      reason: 'FailedDiscoveryCheck',
      message: `failing or missing response from ${path}: ${why}`,
    };
  }
}
