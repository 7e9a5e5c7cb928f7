/** Maintains a service account `default` in every active namespace. */

import type { Namespace, ServiceAccount } from '../../apis/core/v1/types.ts';
import { isAlreadyExists, isForbidden, isNotFound } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const SERVICE_ACCOUNTS = { group: '', version: 'v1', resource: 'serviceaccounts' };
const NAMESPACES = { group: '', resource: 'namespaces' };
const DEFAULT = 'default';

export class ServiceAccountController implements Controller {
  readonly name = 'serviceaccount-controller';
  readonly #resources: ResourceAccess;

  constructor(resources: ResourceAccess) {
    this.#resources = resources;
  }

  keysFor({ type, resource, namespace, name }: Change): string[] {
    if (isResource(resource, '', 'namespaces')) return type === 'DELETED' ? [] : [name];
    return isResource(resource, '', 'serviceaccounts') && type === 'DELETED' && name === DEFAULT
      ? [namespace]
      : [];
  }

  async allKeys(): Promise<string[]> {
    const { items } = await this.#resources.lister<Namespace>(NAMESPACES).snapshot(0);
    return items.map(({ metadata }) => metadata.name!);
  }

  async reconcile(namespace: string): Promise<undefined> {
    const found = await this.#resources.lister<Namespace>(NAMESPACES).get('', namespace, 0);
    if (found === undefined || found.status.phase === 'Terminating') return;
    if (await this.#resources.lister(SERVICE_ACCOUNTS).get(namespace, DEFAULT, 0)) return;
    const account: ServiceAccount = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: DEFAULT, namespace },
    };
    await ignoreLostRace(this.#resources.client.create(SERVICE_ACCOUNTS, account, { namespace }));
  }
}

/**
 * Ignores that another writer created the object, or that the namespace is terminating: there is nothing left to do.
 */
export async function ignoreLostRace(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isAlreadyExists(error) && !isNotFound(error) && !isForbidden(error)) throw error;
  }
}
