/**
 * The meaning of a request's path and method
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/request/requestinfo.go). Authorization and routing
 * both use this exclusively, so that they can't disagree.
 */
export interface RequestInfo {
  readonly isResourceRequest: boolean;
  readonly path: string;
  /** API verb (`get`, `list`, `watch`, `create`, ...); lower-case HTTP method for non-resource requests. */
  readonly verb: string;
  /** `api` or `apis`. */
  readonly apiPrefix: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly namespace: string;
  /** Whether the path goes through a namespace, even one with an empty name: `/api/v1/namespaces//pods`. */
  readonly isInNamespace: boolean;
  readonly resource: string;
  readonly subresource: string;
  /** '' for collections. */
  readonly name: string;
  /** Path segments after the group version, namespace removed: resource, name, subresource, ... */
  readonly parts: readonly string[];
  /** As given in the query, for authorization; '' if there is none. */
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

/** For paths that name no resource. */
export const NO_RESOURCE: Omit<RequestInfo, 'path' | 'verb'> = {
  isResourceRequest: false,
  apiPrefix: '',
  apiGroup: '',
  apiVersion: '',
  namespace: '',
  isInNamespace: false,
  resource: '',
  subresource: '',
  name: '',
  parts: [],
  fieldSelector: '',
  labelSelector: '',
};
