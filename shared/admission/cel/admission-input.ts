/** The input of expressions. */

import type { Namespace } from '../../apis/core/v1/types.ts';
import { AuthorizationCache, type CelAuthorizer } from '../../cel/library/authorizer.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { AdmissionAttributes, AdmissionDependencies, EquivalentResource } from '../admission.ts';
import type { VersionedObjects } from '../versioned-objects.ts';

export interface AdmissionInput {
  readonly attributes: AdmissionAttributes;
  /** The resource and kind as which the request matched. */
  readonly target: EquivalentResource;
  readonly versioned: VersionedObjects;
  /** If undefined, `params` is null. */
  readonly params?: KubeObject | undefined;
  /** Undefined for cluster-scoped objects. */
  readonly namespace?: Namespace | undefined;
  /** If undefined, there is no `authorizer`. Create one per request, because it caches decisions. */
  readonly authorizer?: AuthorizationCache | undefined;
}

export function authorizationCache({ authorize }: AdmissionDependencies): AuthorizationCache {
  const authorizer: CelAuthorizer = {
    async authorize({ path, ...question }) {
      const asked =
        path === undefined
          ? { ...question, apiVersion: '*' }
          : { user: question.user, verb: question.verb, path };
      const { allowed, reason, error } = await authorize(asked);
      return { allowed, reason, error: error?.message };
    },
  };
  return new AuthorizationCache(authorizer);
}
