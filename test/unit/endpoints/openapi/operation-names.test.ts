import { expect, test } from 'vitest';
import { nameOperation, withArticle } from '../../../../shared/endpoints/openapi/operation-names.ts';

test.each([
  ['readNamespacedPod', '/api/v1/namespaces/{namespace}/pods/{name}', 'readCoreV1NamespacedPod', 'core_v1'],
  [
    'listDeploymentForAllNamespaces',
    '/apis/apps/v1/deployments',
    'listAppsV1DeploymentForAllNamespaces',
    'apps_v1',
  ],
  [
    'deletecollectionClusterRole',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    'deleteRbacAuthorizationV1CollectionClusterRole',
    'rbacAuthorization_v1',
  ],
  [
    'watchFlowSchemaList',
    '/apis/flowcontrol.apiserver.k8s.io/v1/watch/flowschemas',
    'watchFlowcontrolApiserverV1FlowSchemaList',
    'flowcontrolApiserver_v1',
  ],
  [
    'replaceWidget',
    '/apis/my-group.example.com/v1beta1/widgets/{name}',
    'replaceMyGroupExampleComV1beta1Widget',
    'myGroupExampleCom_v1beta1',
  ],
  ['getAPIResources', '/api/v1/', 'getCoreV1APIResources', 'core_v1'],
])('%s at %s', (operation, path, operationId, tag) => {
  expect(nameOperation(operation, path)).toEqual({ operationId, tags: [tag] });
});

test('operations outside of the APIs keep their names', () => {
  expect(nameOperation('getCodeVersion', '/version/')).toEqual({
    operationId: 'getCodeVersion',
    tags: ['version'],
  });
});

test.each([
  ['Pod', ' a Pod'],
  ['Ingress', ' an Ingress'],
  ['Endpoints', ' Endpoints'],
])('%s with its article', (noun, text) => {
  expect(withArticle(noun)).toBe(text);
});
