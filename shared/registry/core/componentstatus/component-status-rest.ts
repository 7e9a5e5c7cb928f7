/** https://github.com/kubernetes/kubernetes/tree/master/pkg/registry/core/componentstatus */

import type { ComponentStatus } from '../../../apis/core/v1/types.ts';
import { parseFieldSelector } from '../../../meta/fields.ts';
import { parseLabelSelector } from '../../../meta/labels.ts';
import { newNotFound } from '../../../meta/status-error.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import {
  type Getter,
  type Lister,
  type RESTList,
  type RESTListOptions,
  type RESTObject,
  restObject,
} from '../../../rest/rest-storage.ts';
import type { GroupResource } from '../../../runtime/group-version.ts';

/** Checks the health of a component. Rejects with the reason if it is unhealthy. */
export type CheckComponent = () => Promise<void>;

/** Nothing is stored: each request checks the components. */
export class ComponentStatusREST implements Getter, Lister {
  readonly groupResource: GroupResource = { group: '', resource: 'componentstatuses' };
  readonly #components: ReadonlyMap<string, CheckComponent>;

  constructor(components: ReadonlyMap<string, CheckComponent>) {
    this.#components = components;
  }

  async get(_context: RequestContext, name: string): Promise<RESTObject> {
    const check = this.#components.get(name);
    if (check === undefined) throw newNotFound(this.groupResource, name);
    return restObject(await componentStatus(name, check));
  }

  async list(_context: RequestContext, { labelSelector, fieldSelector }: RESTListOptions): Promise<RESTList> {
    const fields = parseFieldSelector(fieldSelector);
    // Components have no labels.
    if (!parseLabelSelector(labelSelector).matches({})) return { items: [], resourceVersion: '' };
    const statuses = [...this.#components]
      .filter(([name]) => fields.matches({ 'metadata.name': name }))
      .map(([name, check]) => componentStatus(name, check));
    return { items: (await Promise.all(statuses)).map(restObject), resourceVersion: '' };
  }
}

async function componentStatus(name: string, check: CheckComponent): Promise<ComponentStatus> {
  const healthy = { type: 'Healthy', status: 'True', message: 'ok' };
  const condition = await check().then(
    () => healthy,
    (error: Error) => ({ type: 'Healthy', status: 'False', message: error.message }),
  );
  return {
    kind: 'ComponentStatus',
    apiVersion: '__internal',
    metadata: { name },
    conditions: [condition],
  };
}
