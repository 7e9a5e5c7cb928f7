/**
 * Subresources that are answered by a kubelet, or by what runs in a pod. The server has no way to either, and says
 * so, after what can be said of the request without them.
 */

import type { Authorizer } from '../../authz/authorizer.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { Connecter, Getter } from '../../rest/rest-storage.ts';
import type { GroupResource } from '../../runtime/group-version.ts';

const PROXY_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** `proxy`: of whatever the parents are. */
export type Unreachable = 'pods/attach' | 'pods/exec' | 'pods/log' | 'pods/portforward' | 'proxy';

class UnreachableConnecter implements Connecter {
  readonly groupResource: GroupResource;
  readonly connectMethods: readonly string[];
  readonly #feature: Unreachable;
  readonly #parents: Getter;
  readonly #authorizer: Authorizer | undefined;

  constructor(
    feature: Unreachable,
    parents: Getter,
    connectMethods: readonly string[],
    authorizer?: Authorizer,
  ) {
    this.groupResource = parents.groupResource;
    this.connectMethods = connectMethods;
    this.#feature = feature;
    this.#parents = parents;
    this.#authorizer = authorizer;
  }

  async connect(context: RequestContext, name: string): Promise<ApiResponse> {
    const { answerProxy, answerUnreachable } = await import('./unreachable.ts');
    if (this.#feature === 'proxy') return answerProxy(this.#parents, context, name);
    return answerUnreachable(this.#feature, this.#parents, this.#authorizer, context, name);
  }
}

/** Of what runs something in a pod: whoever connects must be allowed to create. */
export const streamConnecter = (
  parents: Getter,
  feature: 'pods/attach' | 'pods/exec' | 'pods/portforward',
  authorizer: Authorizer | undefined,
): Connecter => new UnreachableConnecter(feature, parents, ['GET', 'POST'], authorizer);

export const logConnecter = (parents: Getter): Connecter =>
  new UnreachableConnecter('pods/log', parents, ['GET']);

export const proxyConnecter = (parents: Getter): Connecter =>
  new UnreachableConnecter('proxy', parents, PROXY_METHODS);
