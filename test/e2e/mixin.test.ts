/**
 * The families and labels that kubernetes-mixin's dashboard, rules and alerts for kube-apiserver query
 * (https://github.com/kubernetes-monitoring/kubernetes-mixin: dashboards/apiserver.libsonnet, rules/kube_apiserver*.libsonnet,
 * alerts/kube_apiserver.libsonnet). Go's own, `go_goroutines`, isn't here.
 */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Metrics, parseMetrics } from '../../shared/ui/parse-metrics.ts';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const API_SERVICE = `
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: v1.away.example.com }
spec:
  { group: away.example.com, version: v1, groupPriorityMinimum: 1, versionPriority: 1, insecureSkipTLSVerify: true,
    service: { namespace: default, name: away } }
`;

let server: LocalServer;
let metrics: Metrics;
beforeAll(async () => {
  server = await startLocalServer();
  await server.run(['create', 'configmap', 'a']);
  await server.run(['get', 'configmaps', '-A']);
  await server.run(['label', 'configmap', 'a', 'b=c']);
  await server.run(['delete', '--raw', '/api/v1/namespaces/default/secrets']);
  await server.run(['apply', '-f', '-'], API_SERVICE);
  await server.run(['wait', 'apiservice/v1.away.example.com', '--for=condition=Available=false']);
  metrics = parseMetrics(await server.run(['get', '--raw', '/metrics']));
});
afterAll(() => server.stop());

const labelsOf = (family: string) => (metrics.get(family) ?? []).map(({ labels }) => labels);

test.each<[family: string, labels: Record<string, string>]>([
  ['apiserver_request_total', { verb: 'LIST', code: '200', resource: 'configmaps' }],
  ['apiserver_request_total', { verb: 'POST', code: '201', resource: 'configmaps', subresource: '' }],
  ['apiserver_request_sli_duration_seconds_count', { verb: 'LIST', scope: 'cluster', subresource: '' }],
  ['apiserver_request_sli_duration_seconds_bucket', { verb: 'GET', scope: 'resource', le: '1' }],
  ['apiserver_request_sli_duration_seconds_bucket', { verb: 'LIST', scope: 'cluster', le: '30' }],
  ['apiserver_request_sli_duration_seconds_bucket', { verb: 'PATCH', scope: 'resource', le: '1' }],
  ['apiserver_request_sli_duration_seconds_bucket', { verb: 'POST', scope: 'resource', le: '5' }],
  ['apiserver_request_sli_duration_seconds_bucket', { verb: 'DELETE', scope: 'namespace', le: '1' }],
  ['apiserver_client_certificate_expiration_seconds_bucket', { le: '604800' }],
  ['apiserver_client_certificate_expiration_seconds_count', {}],
  ['aggregator_unavailable_apiservice', { name: 'v1.away.example.com' }],
  ['workqueue_adds_total', { name: 'apiservice-status-remote-available-controller' }],
  ['workqueue_depth', { name: 'apiservice-status-remote-available-controller' }],
  [
    'workqueue_queue_duration_seconds_bucket',
    { name: 'apiservice-status-remote-available-controller', le: '1' },
  ],
  ['process_resident_memory_bytes', {}],
  ['process_cpu_seconds_total', {}],
  ['kubernetes_build_info', { major: '1' }],
])('%s with %o', (family, labels) => {
  expect(labelsOf(family)).toContainEqual(expect.objectContaining(labels));
});

test('an unreachable APIService is counted as unavailable, and no certificate expires soon', () => {
  expect(metrics.get('aggregator_unavailable_apiservice')).toEqual([
    { labels: { name: 'v1.away.example.com' }, value: 1 },
  ]);
  const withinAWeek = metrics
    .get('apiserver_client_certificate_expiration_seconds_bucket')!
    .find(({ labels }) => labels['le'] === '604800');
  expect(withinAWeek?.value).toBe(0);
});
