/** Routes requests for resources to their handlers (upstream's route table, `endpoints/installer.go`). */

import { newBadRequest, newMethodNotSupported } from '../../meta/status-error.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import {
  isCollectionDeleter,
  isConnecter,
  isCreater,
  isGetter,
  isGracefulDeleter,
  isLister,
  isNamedCreater,
  isUpdater,
  isWatcher,
  type RESTStorage,
} from '../../rest/rest-storage.ts';
import { inSpan } from '../../util/spans.ts';
import { newMethodNotAllowed, newUnknownResource } from '../codec/statuses.ts';
import type { RequestScope } from '../resource/request-scope.ts';
import { checkConsumed, checkProduced } from '../routing/route-media-types.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { connectResource, streamResource } from './connect.ts';
import { createResource } from './create.ts';
import { deleteCollection, deleteResource } from './delete.ts';
import { getResource } from './get.ts';
import { listResource } from './list.ts';
import { patchResource } from './patch.ts';
import { updateResource } from './update.ts';
import { watchResource } from './watch.ts';

/** A resource or subresource of one version, ready to be served. */
export interface InstalledResource {
  readonly scope: RequestScope;
  readonly storage: RESTStorage;
  /** Warning sent with every answer if the version is deprecated. */
  readonly deprecation?: string | undefined;
  /** The release that removes a deprecated version: `1.25`. */
  readonly removedRelease?: string | undefined;
}

/**
 * Verbs that a method may be authorized as. A path may contain a verb (`/watch/`), which then is the only one
 * authorized.
 */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  GET: ['get', 'list', 'watch'],
  POST: ['create'],
  PUT: ['update'],
  PATCH: ['patch'],
  DELETE: ['delete', 'deletecollection'],
};
const COLLECTION_VERBS = ['list', 'watch', 'deletecollection'];

/** Serves the request. Throws NotFound for paths without a resource and MethodNotAllowed for unsupported verbs. */
export async function serveResource(
  context: ServingContext,
  { scope, storage, deprecation, removedRelease }: InstalledResource,
): Promise<ApiResponse> {
  const { parts, verb, name } = context.requestInfo;
  context.served = { ...scope.resource, subresource: scope.subresource };
  if (verb === 'proxy') throw newUnknownResource();
  checkPlace(context, scope);
  const { method } = context.request;
  if (Object.hasOwn(VERBS, method) && !VERBS[method]!.includes(verb)) throw newMethodNotAllowed();
  const connects = isConnecter(storage) && storage.connectMethods.includes(method);
  const lacksName = name === '' && parts.length > 1;
  if (connects && COLLECTION_VERBS.includes(verb) && !lacksName) throw newMethodNotAllowed();
  // The path below a proxy belongs to another server.
  if (parts.length > 3 && !(connects && parts[2] === 'proxy')) throw newUnknownResource();
  const route = parts.length === 1 ? collectionRoute : objectRoute;
  const streams = connects && scope.subresource === 'log';
  const connect = streams ? streamResource : connectResource;
  const serve = connects ? () => connect(context, scope, storage) : route(context, scope, storage);
  if (serve === undefined) throw newMethodNotAllowed();
  if (lacksName) throw newBadRequest('name must be provided');
  if (scope.custom === undefined && (!connects || streams)) checkMediaTypes(context, scope);
  if (deprecation !== undefined) {
    context.addWarning(deprecation);
    context.audit.addAnnotation('k8s.io/deprecated', 'true');
    if (removedRelease !== undefined) context.audit.addAnnotation('k8s.io/removed-release', removedRelease);
  }
  const { apiGroup: group, apiVersion: version, resource, subresource } = context.requestInfo;
  return inSpan(verb, () => ({ group, version, resource, subresource }), serve);
}

/** Checks media types like upstream's routes of built-in resources. Custom resources have no routes upstream. */
function checkMediaTypes(context: ServingContext, { codecs, patchTypes, subresource }: RequestScope): void {
  const { requestInfo, request } = context;
  if (request.method === 'PATCH') checkConsumed(context, patchTypes);
  const more = subresource === 'log' ? ['text/plain'] : [];
  const streams =
    request.method === 'GET' && (requestInfo.parts.length === 1 || requestInfo.verb === 'watch');
  checkProduced(context, codecs.supportedMediaTypes(), { more, streams });
}

/**
 * Checks that namespaced objects are requested in a namespace and others aren't. For upstream's routes of built-in
 * resources, an empty namespace is one as well; the storages reject it.
 */
function checkPlace({ requestInfo, request }: ServingContext, scope: RequestScope): void {
  const { namespace, parts } = requestInfo;
  const isInNamespace = scope.custom === undefined ? requestInfo.isInNamespace : namespace !== '';
  if (!scope.namespaced) {
    if (isInNamespace) throw newUnknownResource();
    return;
  }
  if (isInNamespace) return;
  if (parts.length > 1) throw newUnknownResource();
  // Requests across namespaces are read-only.
  if (request.method !== 'GET') throw newMethodNotAllowed();
}

/** Undefined if the storage doesn't support the verb. */
type Serve = (() => Promise<ApiResponse>) | undefined;

function collectionRoute(context: ServingContext, scope: RequestScope, storage: RESTStorage): Serve {
  const { verb } = context.requestInfo;
  switch (context.request.method) {
    case 'GET':
      if (verb === 'watch' && isWatcher(storage)) return () => watchResource(context, scope, storage);
      if (verb === 'watch' && isLister(storage)) {
        return () => Promise.reject(newMethodNotSupported(scope.resource, 'watch'));
      }
      if (verb === 'list' && isLister(storage)) return () => listResource(context, scope, storage);
      break;
    case 'POST':
      if (verb === 'create' && isCreater(storage)) return () => createResource(context, scope, storage);
      break;
    case 'DELETE':
      if (verb === 'deletecollection' && isCollectionDeleter(storage)) {
        return () => deleteCollection(context, scope, storage);
      }
      break;
  }
  return undefined;
}

function objectRoute(context: ServingContext, scope: RequestScope, storage: RESTStorage): Serve {
  const { method } = context.request;
  const { name } = context.requestInfo;
  // A path with an empty name was authorized as a collection but is routed as an object.
  const verb = name === '' ? VERBS[method]?.[0] : context.requestInfo.verb;
  switch (method) {
    case 'GET':
      if (verb === 'watch' && isWatcher(storage)) return () => watchResource(context, scope, storage);
      if (verb === 'get' && isGetter(storage)) return () => getResource(context, scope, storage);
      break;
    case 'POST':
      if (scope.subresource === '') break;
      if (isNamedCreater(storage) || isCreater(storage)) return () => createResource(context, scope, storage);
      break;
    case 'PUT':
      if (isUpdater(storage)) return () => updateResource(context, scope, storage);
      break;
    case 'PATCH':
      if (isUpdater(storage) && isGetter(storage)) return () => patchResource(context, scope, storage);
      break;
    case 'DELETE':
      if (verb === 'delete' && isGracefulDeleter(storage))
        return () => deleteResource(context, scope, storage);
      break;
  }
  return undefined;
}
