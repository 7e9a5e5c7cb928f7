/**
 * Subresources served by a kubelet or by a process in a pod, to which the server has no connection. Requests get the
 * errors that can be determined without one, and otherwise an error that says so.
 */

import type { Authorizer } from '../../authz/authorizer.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { Connecter, Getter } from '../../rest/rest-storage.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import type { RESTStorageConfig } from '../generic/rest-storage-provider.ts';

const PROXY_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** `proxy` applies to any parent. */
export type Unreachable = 'pods/attach' | 'pods/exec' | 'pods/log' | 'pods/portforward' | 'proxy';

class UnreachableConnecter implements Connecter {
  readonly groupResource: GroupResource;
  readonly connectMethods: readonly string[];
  readonly #feature: Unreachable;
  readonly #parents: Getter;
  readonly #resources: ResourceAccess;
  readonly #authorizer: Authorizer | undefined;

  constructor(
    feature: Unreachable,
    parents: Getter,
    resources: ResourceAccess,
    connectMethods: readonly string[],
    authorizer?: Authorizer,
  ) {
    this.groupResource = parents.groupResource;
    this.connectMethods = connectMethods;
    this.#feature = feature;
    this.#parents = parents;
    this.#resources = resources;
    this.#authorizer = authorizer;
  }

  async connect(context: RequestContext, name: string): Promise<ApiResponse> {
    const { answerProxy, answerUnreachable } = await import('./unreachable.ts');
    if (this.#feature === 'proxy') return answerProxy(this.#parents, this.#resources, context, name);
    return answerUnreachable(this.#feature, this.#parents, this.#authorizer, this.#resources, context, name);
  }
}

/** For subresources that run something in a pod: the caller needs permission to create. */
export const streamConnecter = (
  parents: Getter,
  feature: 'pods/attach' | 'pods/exec' | 'pods/portforward',
  { resources, authorizer }: Pick<RESTStorageConfig, 'resources' | 'authorizer'>,
): Connecter => new UnreachableConnecter(feature, parents, resources, ['GET', 'POST'], authorizer);

export const logConnecter = (parents: Getter, resources: ResourceAccess): Connecter =>
  new UnreachableConnecter('pods/log', parents, resources, ['GET']);

export const proxyConnecter = (parents: Getter, resources: ResourceAccess): Connecter =>
  new UnreachableConnecter('proxy', parents, resources, PROXY_METHODS);
