import { expect, test } from 'vitest';
import { builtinResources } from '../../../../shared/apis/resource-table.ts';
import type { ResourceDiscovery } from '../../../../shared/endpoints/discovery/discovery-source.ts';
import { NO_DESCRIPTIONS } from '../../../../shared/endpoints/openapi/openapi-descriptions.ts';
import { OptionParameters } from '../../../../shared/endpoints/openapi/option-parameters.ts';
import { ResourcePaths } from '../../../../shared/endpoints/openapi/resource-paths.ts';
import { newScheme } from '../../../../shared/server/builtin-scheme.ts';

const scheme = newScheme();
const gv = { group: '', version: 'v1' };

function coreResource(resource: string): ResourceDiscovery {
  const {
    kind,
    singular,
    namespaced,
    verbs,
    subresources = {},
  } = builtinResources().get('v1')!.resources[resource]!;
  return {
    resource,
    responseKind: { ...gv, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    subresources: Object.entries(subresources).map(([subresource, facts]) => ({
      subresource,
      verbs: facts.verbs,
      responseKind: { group: facts.group ?? '', version: facts.version ?? 'v1', kind: facts.kind },
    })),
  };
}

function pathsOf(resource: string) {
  const paths = new ResourcePaths({
    parameters: new OptionParameters(scheme.tables, NO_DESCRIPTIONS),
    mediaTypes: ['application/json'],
    streamMediaTypes: ['application/json;stream=watch'],
    patchTypes: ['application/merge-patch+json'],
    definitionOf: (gvk) => scheme.knownType(gvk).definition,
    hasGetOptions: false,
    hasWatchPaths: true,
  });
  paths.add(gv, coreResource(resource));
  return paths.paths();
}

/** Operation IDs by path and method. */
const namesOf = (resource: string) =>
  Object.fromEntries(
    [...pathsOf(resource)].map(([path, item]) => [
      path,
      Object.fromEntries(Object.entries(item).map(([method, { operationId }]) => [method, operationId])),
    ]),
  );

test('a namespaced resource with every kind of subresource', () => {
  const names = namesOf('pods');
  const item = '/api/v1/namespaces/{namespace}/pods/{name}';
  expect(names['/api/v1/namespaces/{namespace}/pods']).toEqual({
    get: 'listCoreV1NamespacedPod',
    post: 'createCoreV1NamespacedPod',
    delete: 'deleteCoreV1CollectionNamespacedPod',
  });
  expect(names[item]).toEqual({
    get: 'readCoreV1NamespacedPod',
    put: 'replaceCoreV1NamespacedPod',
    patch: 'patchCoreV1NamespacedPod',
    delete: 'deleteCoreV1NamespacedPod',
  });
  expect(names[`${item}/binding`]).toEqual({ post: 'createCoreV1NamespacedPodBinding' });
  expect(names[`${item}/eviction`]).toEqual({ post: 'createCoreV1NamespacedPodEviction' });
  expect(names[`${item}/ephemeralcontainers`]).toEqual({
    get: 'readCoreV1NamespacedPodEphemeralcontainers',
    put: 'replaceCoreV1NamespacedPodEphemeralcontainers',
    patch: 'patchCoreV1NamespacedPodEphemeralcontainers',
  });
  expect(names[`${item}/log`]).toEqual({ get: 'readCoreV1NamespacedPodLog' });
  expect(names[`${item}/exec`]).toEqual({
    get: 'connectCoreV1GetNamespacedPodExec',
    post: 'connectCoreV1PostNamespacedPodExec',
  });
  expect(names[`${item}/proxy/{path}`]).toEqual({
    get: 'connectCoreV1GetNamespacedPodProxyWithPath',
    post: 'connectCoreV1PostNamespacedPodProxyWithPath',
    put: 'connectCoreV1PutNamespacedPodProxyWithPath',
    delete: 'connectCoreV1DeleteNamespacedPodProxyWithPath',
    head: 'connectCoreV1HeadNamespacedPodProxyWithPath',
    options: 'connectCoreV1OptionsNamespacedPodProxyWithPath',
    patch: 'connectCoreV1PatchNamespacedPodProxyWithPath',
  });
  expect(names['/api/v1/pods']).toEqual({ get: 'listCoreV1PodForAllNamespaces' });
  expect(names['/api/v1/watch/pods']).toEqual({ get: 'watchCoreV1PodListForAllNamespaces' });
  expect(names['/api/v1/watch/namespaces/{namespace}/pods']).toEqual({
    get: 'watchCoreV1NamespacedPodList',
  });
  expect(names['/api/v1/watch/namespaces/{namespace}/pods/{name}']).toEqual({
    get: 'watchCoreV1NamespacedPod',
  });
});

test('a cluster resource without deletecollection', () => {
  expect(namesOf('namespaces')).toEqual({
    '/api/v1/namespaces/{name}': {
      get: 'readCoreV1Namespace',
      put: 'replaceCoreV1Namespace',
      patch: 'patchCoreV1Namespace',
      delete: 'deleteCoreV1Namespace',
    },
    '/api/v1/namespaces': { get: 'listCoreV1Namespace', post: 'createCoreV1Namespace' },
    '/api/v1/watch/namespaces/{name}': { get: 'watchCoreV1Namespace' },
    '/api/v1/watch/namespaces': { get: 'watchCoreV1NamespaceList' },
    '/api/v1/namespaces/{name}/finalize': { put: 'replaceCoreV1NamespaceFinalize' },
    '/api/v1/namespaces/{name}/status': {
      get: 'readCoreV1NamespaceStatus',
      put: 'replaceCoreV1NamespaceStatus',
      patch: 'patchCoreV1NamespaceStatus',
    },
  });
});

test('an operation: its parameters, body, responses', () => {
  const create = pathsOf('configmaps').get('/api/v1/namespaces/{namespace}/configmaps')!.post!;
  const configMap = { definition: 'io.k8s.api.core.v1.ConfigMap' };
  expect({
    ...create,
    parameters: create.parameters.map(({ name, in: place }) => `${place} ${name}`),
  }).toEqual({
    operationId: 'createCoreV1NamespacedConfigMap',
    tags: ['core_v1'],
    description: 'create a ConfigMap',
    action: 'post',
    parameters: [
      'query dryRun',
      'query fieldManager',
      'query fieldValidation',
      'path namespace',
      'query pretty',
    ],
    consumes: ['*/*'],
    produces: ['application/json'],
    body: { content: configMap, required: true },
    responses: { 200: configMap, 201: configMap, 202: configMap },
    gvk: { ...gv, kind: 'ConfigMap' },
  });
});

test('watches have stream types, patches their own types', () => {
  const { get } = pathsOf('configmaps').get('/api/v1/configmaps')!;
  expect(get!.produces).toEqual(['application/json', 'application/json;stream=watch']);
  const { patch } = pathsOf('configmaps').get('/api/v1/namespaces/{namespace}/configmaps/{name}')!;
  expect(patch!.consumes).toEqual(['application/merge-patch+json']);
});
