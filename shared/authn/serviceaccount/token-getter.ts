import type { Node, Pod, Secret, ServiceAccount } from '../../apis/core/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { isNotFound } from '../../meta/status-error.ts';
import type { LoopbackClient } from '../../rest/resource-access.ts';

/** Reads the current state of objects that tokens are bound to; undefined if they don't exist. */
export interface ServiceAccountTokenGetter {
  getServiceAccount(namespace: string, name: string): Promise<ServiceAccount | undefined>;
  getPod(namespace: string, name: string): Promise<Pod | undefined>;
  getSecret(namespace: string, name: string): Promise<Secret | undefined>;
  getNode(name: string): Promise<Node | undefined>;
}

/**
 * Reads single objects through the server's own client, so that tokens do not load all Pods and Secrets into memory.
 */
export function serviceAccountTokenGetter(client: () => LoopbackClient): ServiceAccountTokenGetter {
  const get =
    <T extends KubeObject>(resource: string) =>
    async (namespace: string | undefined, name: string): Promise<T | undefined> => {
      try {
        return await client().get<T>({ group: '', version: 'v1', resource }, { namespace, name });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    };
  const getNode = get<Node>('nodes');
  return {
    getServiceAccount: get<ServiceAccount>('serviceaccounts'),
    getPod: get<Pod>('pods'),
    getSecret: get<Secret>('secrets'),
    getNode: (name) => getNode(undefined, name),
  };
}
