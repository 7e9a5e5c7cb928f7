/**
 * What a request's path and method say
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/request/requestinfo.go).
 * Authorization and routing both read this, and nothing else, so that they can't disagree.
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
  /** The path goes through a namespace, be it one without a name: `/api/v1/namespaces//pods`. */
  readonly isInNamespace: boolean;
  readonly resource: string;
  readonly subresource: string;
  /** '' for collections. */
  readonly name: string;
  /** Path segments after the group version, namespace removed: resource, name, subresource, ... */
  readonly parts: readonly string[];
  /** As written in the query, for authorization; '' if there is none. */
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

/** Of a path that names no resource. */
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
