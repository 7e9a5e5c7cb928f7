/** kubectl with APIs that only the oldest minor serves. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer({
    args: ['--emulated-version=1.20', '--runtime-config=batch/v2alpha1=true'],
  });
});
afterAll(() => server.stop());

const lines = (text: string): string[] => text.trim().split('\n');

const TEMPLATE = '{spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}';
const TARGET = '{apiVersion: apps/v1, kind: Deployment, name: web}';
/** Kind, version, name, and the rest of the manifest. */
const OBJECTS: readonly (readonly [string, string, string, string])[] = [
  ['Ingress', 'extensions/v1beta1', 'ext', 'spec: {backend: {serviceName: web, servicePort: 80}}'],
  ['Ingress', 'networking.k8s.io/v1beta1', 'net', 'spec: {backend: {serviceName: web, servicePort: 80}}'],
  [
    'PodDisruptionBudget',
    'policy/v1beta1',
    'pdb',
    'spec: {minAvailable: 1, selector: {matchLabels: {a: b}}}',
  ],
  ['CronJob', 'batch/v1beta1', 'beta', `spec: {schedule: '* * * * *', jobTemplate: ${TEMPLATE}}`],
  ['CronJob', 'batch/v2alpha1', 'alpha', `spec: {schedule: '* * * * *', jobTemplate: ${TEMPLATE}}`],
  [
    'HorizontalPodAutoscaler',
    'autoscaling/v2beta2',
    'hpa',
    `spec: {maxReplicas: 3, scaleTargetRef: ${TARGET}}`,
  ],
  [
    'Role',
    'rbac.authorization.k8s.io/v1beta1',
    'role',
    "rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]",
  ],
  ['PriorityClass', 'scheduling.k8s.io/v1beta1', 'high', 'value: 10'],
  [
    'CustomResourceDefinition',
    'apiextensions.k8s.io/v1beta1',
    'things.example.com',
    'spec: {group: example.com, version: v1, scope: Namespaced, names: {plural: things, kind: Thing}}',
  ],
];
const MANIFEST = OBJECTS.map(
  ([kind, apiVersion, name, rest]) =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}}\n${rest}\n`,
).join('---\n');
const NAMES = [
  'ingress.extensions/ext',
  'ingress.networking.k8s.io/net',
  'poddisruptionbudget.policy/pdb',
  'cronjob.batch/beta',
  'cronjob.batch/alpha',
  'horizontalpodautoscaler.autoscaling/hpa',
  'role.rbac.authorization.k8s.io/role',
  'priorityclass.scheduling.k8s.io/high',
  'customresourcedefinition.apiextensions.k8s.io/things.example.com',
];

test('objects of removed versions are applied, shown and deleted', async () => {
  const each = (done: string): string[] => NAMES.map((name) => `${name} ${done}`);
  expect(lines(await server.run(['apply', '-f', '-'], MANIFEST))).toEqual(each('created'));
  expect(lines(await server.run(['apply', '-f', '-'], MANIFEST))).toEqual(each('unchanged'));
  const applied = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
  expect(lines(await server.run(applied, MANIFEST))).toEqual(each('serverside-applied'));
  const shown = await server.run(
    ['get', '-f', '-', '-o', 'jsonpath={range .items[*]}{.apiVersion} {.kind} {.metadata.name}{"\\n"}{end}'],
    MANIFEST,
  );
  expect(lines(shown)).toEqual(OBJECTS.map(([kind, apiVersion, name]) => `${apiVersion} ${kind} ${name}`));
  expect(await server.run(['get', 'things'])).toBe('');
  await server.run(['delete', '--wait=false', '-f', '-'], MANIFEST);
  const { code, stderr } = await server.kubectl(['get', 'ingresses.v1beta1.extensions', 'ext']);
  expect([code, stderr.includes('Error from server (NotFound)')]).toEqual([1, true]);
});

test('newer fields are absent', async () => {
  const { code, stderr } = await server.kubectl(['get', 'cronjobs.v1.batch']);
  expect([code, stderr]).toEqual([1, `error: the server doesn't have a resource type "cronjobs"\n`]);
});
