/**
 * Serves custom resources and their discovery
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/customresource_handler.go).
 */

import { writeMetaObject } from '../../endpoints/codec/response.ts';
import { withHashes } from '../../endpoints/discovery/legacy.ts';
import { type InstalledResource, serveResource } from '../../endpoints/handlers/serve-resource.ts';
import type { RequestHandler } from '../../endpoints/routing/handler.ts';
import type { ServingContext } from '../../endpoints/routing/serving-context.ts';
import { newInternalError, newMethodNotSupported, newNotFound } from '../../meta/status-error.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import { formatGroupVersion } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import type { Logger } from '../../util/logger.ts';
import type { DefinitionIndex, IndexedDefinition } from './definition-index.ts';
import { servesVersion } from './definition-summary.ts';
import type { CustomResourceDiscovery } from './discovery.ts';

export interface CustomResourceHandlerOptions {
  readonly index: DefinitionIndex;
  readonly discovery: CustomResourceDiscovery;
  readonly codecs: CodecFactory;
  readonly logger: Logger;
  readonly delegate: RequestHandler;
}

/** Verbs of namespaced resources that work across all namespaces. */
const ACROSS_NAMESPACES = ['list', 'watch'];
const RESOURCE_VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const SUBRESOURCE_VERBS = ['get', 'update', 'patch'];

export function customResourceHandler(options: CustomResourceHandlerOptions): RequestHandler {
  const { index, delegate } = options;
  return async (context) => {
    const { requestInfo } = context;
    if (!requestInfo.isResourceRequest) return discover(context, options);
    const definition = await index.find(`${requestInfo.resource}.${requestInfo.apiGroup}`);
    if (definition === undefined || !isServed(context, definition)) return delegate(context);
    const installed = await installedFor(context, definition, options);
    return serveResource(context, installed);
  };
}

function isServed({ requestInfo }: ServingContext, { summary }: IndexedDefinition): boolean {
  const inNamespace = requestInfo.namespace !== '';
  if (summary.namespaced !== inNamespace) {
    if (!summary.namespaced || !ACROSS_NAMESPACES.includes(requestInfo.verb)) return false;
  }
  return servesVersion(summary, requestInfo.apiVersion);
}

async function installedFor(
  context: ServingContext,
  definition: IndexedDefinition,
  { logger }: CustomResourceHandlerOptions,
): Promise<InstalledResource> {
  const { requestInfo, audit } = context;
  const { apiGroup: group, apiVersion, resource, subresource, name, verb } = requestInfo;
  let installed: InstalledResource | undefined;
  let deprecation: string | undefined;
  try {
    const compiled = await definition.compile();
    const version = await compiled.version(apiVersion);
    deprecation = version?.deprecation;
    installed = version?.resource(subresource, definition.summary.terminating);
  } catch (error) {
    logger.error(`${definition.summary.name} can't be served`, error, { auditID: audit.auditID });
    throw newInternalError('error resolving resource');
  }
  // Also of requests that are rejected below.
  if (deprecation !== undefined) context.addWarning(deprecation);
  const verbs = subresource === '' ? RESOURCE_VERBS : SUBRESOURCE_VERBS;
  if (installed !== undefined && verbs.includes(verb)) return installed;
  throw installed === undefined
    ? newNotFound({ group, resource }, name)
    : newMethodNotSupported({ group, resource }, verb);
}

/** `/apis/<group>` and `/apis/<group>/<version>`. */
async function discover(
  context: ServingContext,
  { discovery, codecs, delegate }: CustomResourceHandlerOptions,
): Promise<ApiResponse> {
  const [root, group, version, ...rest] = context.requestInfo.path.split('/').filter((part) => part !== '');
  if (root !== 'apis' || group === undefined || rest.length > 0) return delegate(context);
  const found = await (version === undefined
    ? groupOf(discovery, group)
    : resourceListOf(context, discovery, { group, version }));
  if (found === undefined) return delegate(context);
  return writeMetaObject(context, codecs, found);
}

async function groupOf(
  discovery: CustomResourceDiscovery,
  group: string,
): Promise<RuntimeObject | undefined> {
  const versions = await discovery.versions(group);
  const entries = versions?.map((version) => ({
    groupVersion: formatGroupVersion({ group, version }),
    version,
  }));
  return (
    entries &&
    ({
      kind: 'APIGroup',
      apiVersion: 'v1',
      name: group,
      versions: entries,
      preferredVersion: entries[0],
    } as RuntimeObject)
  );
}

async function resourceListOf(
  context: ServingContext,
  discovery: CustomResourceDiscovery,
  gv: { readonly group: string; readonly version: string },
): Promise<RuntimeObject | undefined> {
  const resources = await discovery.apiResources(gv);
  return (
    resources &&
    ({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: formatGroupVersion(gv),
      resources: withHashes(context, resources),
    } as RuntimeObject)
  );
}
