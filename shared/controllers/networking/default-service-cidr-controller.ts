/**
 * Maintains the ServiceCIDR of the ranges that the server was started with
 * (https://github.com/kubernetes/kubernetes/tree/master/pkg/controlplane/controller/defaultservicecidr).
 */

import type { ServiceCIDR } from '../../apis/networking/v1/types.ts';
import { defaultServiceCIDR, KUBERNETES } from '../../controlplane/ensure/default-service-cidr.ts';
import { isConflict } from '../../meta/status-error.ts';
import { type ResourceAccess, UnknownResourceError } from '../../rest/resource-access.ts';
import { equalJSON } from '../../util/json-equal.ts';
import { type Change, type Controller, isResource } from '../controller.ts';
import { readyCondition, SERVICE_CIDRS, writeReadiness } from './service-cidr-status.ts';

export class DefaultServiceCIDRController implements Controller {
  readonly name = 'kubernetes-service-cidr-controller';
  readonly #resources: ResourceAccess;
  readonly #cidrs: readonly string[];

  constructor(resources: ResourceAccess, cidrs: readonly string[]) {
    this.#resources = resources;
    this.#cidrs = cidrs;
  }

  keysFor({ resource, name }: Change): string[] {
    const isIt = isResource(resource, SERVICE_CIDRS.group, SERVICE_CIDRS.resource) && name === KUBERNETES;
    return isIt ? [name] : [];
  }

  async allKeys(): Promise<string[]> {
    return [KUBERNETES];
  }

  async reconcile(): Promise<undefined> {
    try {
      await this.#keep();
    } catch (error) {
      // The API may be disabled; a conflicting write queues the key again.
      if (!(error instanceof UnknownResourceError) && !isConflict(error)) throw error;
    }
  }

  async #keep(): Promise<void> {
    const found = await this.#resources.lister<ServiceCIDR>(SERVICE_CIDRS).get('', KUBERNETES, 0);
    if (found === undefined) return defaultServiceCIDR(this.#cidrs).run(this.#resources);
    const { cidrs = [] } = found.spec;
    if (this.#cidrs.length === 2 && cidrs.length === 1 && cidrs[0] === this.#cidrs[0]) {
      const object = { ...found, apiVersion: 'networking.k8s.io/v1', spec: { cidrs: [...this.#cidrs] } };
      await this.#resources.client.update(SERVICE_CIDRS, object);
      return;
    }
    const isOurs = !found.metadata.deletionTimestamp && equalJSON(cidrs, this.#cidrs);
    if (!isOurs || ['True', 'False'].includes(readyCondition(found)?.status ?? '')) return;
    const readiness = { status: 'True', message: 'Kubernetes default Service CIDR is ready' };
    await writeReadiness(this.#resources, KUBERNETES, readiness, this.name);
  }
}
