/**
 * `zeroplane export` run as by an operator: into a running cluster, and into files for kubectl and `zeroplane import`.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exportControlPlane } from '../../infra/cli/transfer/export.ts';
import type { KubeObject } from '../../shared/meta/kube-object.ts';
import { kubectlPath } from '../fixtures/kubectl.ts';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';
import { runCommand } from '../fixtures/run-command.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

const uid = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;

/** The contents of a control plane that are exported; the Secret is created by another cluster's token controller. */
const OBJECTS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: crons.stable.example.com, uid: ${uid(1)} }
spec:
  group: stable.example.com
  scope: Namespaced
  names: { plural: crons, singular: cron, kind: Cron, listKind: CronList }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, x-kubernetes-preserve-unknown-fields: true } }
---
{ apiVersion: v1, kind: Namespace, metadata: { name: shop } }
---
apiVersion: stable.example.com/v1
kind: Cron
metadata: { name: c, namespace: shop, uid: ${uid(2)} }
spec: { big: 9007199254740993, text: "yes", list: [1, 2] }
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: of-cron
  namespace: shop
  ownerReferences: [{ apiVersion: stable.example.com/v1, kind: Cron, name: c, uid: ${uid(2)}, controller: true }]
data: { multi: "a\\n---\\nb\\n" }
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: orphan
  namespace: shop
  ownerReferences: [{ apiVersion: v1, kind: ConfigMap, name: gone, uid: ${uid(9)} }]
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: NodePort, clusterIP: 10.0.0.77, clusterIPs: [10.0.0.77], ports: [{ port: 80, nodePort: 30080 }] }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: h, namespace: shop }
spec: { maxReplicas: 3, minReplicas: 1, scaleTargetRef: { kind: Deployment, name: web, apiVersion: apps/v1 }, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]}
---
apiVersion: batch/v1
kind: Job
metadata: { name: done, namespace: shop, uid: ${uid(4)} }
spec:
  selector: { matchLabels: { batch.kubernetes.io/controller-uid: ${uid(4)} } }
  template: { metadata: { labels: { batch.kubernetes.io/controller-uid: ${uid(4)} } }, spec: { restartPolicy: Never, containers: [{ name: c, image: i }] } }
status: { conditions: [{ type: Complete, status: "True" }] }
---
apiVersion: batch/v1
kind: Job
metadata: { name: running, namespace: shop, uid: ${uid(5)} }
spec:
  selector: { matchLabels: { batch.kubernetes.io/controller-uid: ${uid(5)} } }
  template: { metadata: { labels: { batch.kubernetes.io/controller-uid: ${uid(5)} } }, spec: { restartPolicy: Never, containers: [{ name: c, image: i }] } }
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: q, namespace: shop }
spec: { hard: { configmaps: "0" } }
---
{ apiVersion: v1, kind: Secret, metadata: { name: s, namespace: shop }, data: { a: aGlkZGVu } }
---
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: { name: f }
spec: { priorityLevelConfiguration: { name: exempt }, matchingPrecedence: 77 }
---
apiVersion: v1
kind: Secret
metadata: { name: token, namespace: shop, annotations: { kubernetes.io/service-account.name: default } }
type: kubernetes.io/service-account-token
`;

/** Two control planes of one process: one, of an older minor, is filled through its API, the other by kubectl. */
let server: LocalServer;

async function zeroplane(...args: string[]): Promise<{ code: number | null; stderr: string }> {
  const { code, stderr } = await runCommand(
    process.execPath,
    [resolve('infra/local/zeroplane.mjs'), ...args],
    { env: process.env, input: '' },
  );
  return { code, stderr: stderr.trim() };
}

const kubectl = async (tenant: string, ...args: string[]): Promise<string> => {
  const all = [`--kubeconfig=${join(server.dataDir, `${tenant}.kubeconfig`)}`, ...args];
  const { code, stdout, stderr } = await runCommand(kubectlPath(), all, { env: process.env, input: '' });
  expect(code, stderr).toBe(0);
  return stdout;
};

const exported = (...args: string[]) => zeroplane('export', `--data-dir=${path('data')}`, ...args);

beforeAll(async () => {
  writeFileSync(path('objects.yaml'), OBJECTS);
  const [started, imported] = await Promise.all([
    startLocalServer({ args: ['--tenant=api', '--tenant=files', '--emulated-version=1.23'] }),
    zeroplane('import', `--files=${path('objects.yaml')}`, `--data-dir=${path('data')}`),
  ]);
  server = started;
  expect(imported).toEqual({
    code: 0,
    stderr: [
      '14 objects imported',
      'left behind:',
      '  secrets (1): it is signed with keys of the other cluster',
    ].join('\n'),
  });
});
afterAll(() => server.stop());

const FIELDS = ['big', 'list', 'text', 'clusterIP', 'ports[*].nodePort', 'maxReplicas', 'hard'];

/** The exported objects in another cluster, which also creates some of its own. */
async function look(tenant: string): Promise<string[]> {
  const kinds = 'cron,cm,secret,svc,hpa,jobs,quota';
  const fields = ['.data', ...FIELDS.map((field) => `.spec.${field}`)].map((field) => `{${field}}`).join(' ');
  const lines = `jsonpath={range .items[*]}{.kind} {.metadata.name} ${fields}{"\\n"}{end}`;
  const text = await kubectl(tenant, '-n', 'shop', 'get', kinds, '-o', lines);
  return text
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').trim())
    .filter(
      (line) => line !== '' && !/^ConfigMap kube-root|service-account-token|^Secret default-/.test(line),
    );
}

const EXPECTED = [
  'Cron c 9007199254740993 [1,2] yes',
  'ConfigMap of-cron {"multi":"a\\n---\\nb\\n"}',
  'ConfigMap orphan',
  'Secret s {"a":"aGlkZGVu"}',
  'Service web 10.0.0.77 30080',
  'HorizontalPodAutoscaler h 3',
  'Job running',
  'ResourceQuota q {"configmaps":"0"}',
];

const LEFT = [
  'left behind:',
  '  ipaddresses.networking.k8s.io (1): services are assigned theirs on creation',
  '  jobs.batch (1): they have finished, and would run again',
];

test("objects are created through a cluster's API, owners first", async () => {
  const target = ['--kubeconfig', join(server.dataDir, 'api.kubeconfig'), '--kubectl', kubectlPath()];
  expect(await exported(...target)).toEqual({
    code: 0,
    stderr: [
      '11 objects created, 0 already existed',
      ...LEFT,
      'changed:',
      '  jobs.batch (1): without unknown field "spec.podReplacementPolicy"',
      "  configmaps (1): without owners that the cluster doesn't have",
    ].join('\n'),
  });
  expect(await look('api')).toEqual(EXPECTED);
  // Their owner has another uid there, which its dependents refer to.
  const cron = await kubectl('api', '-n', 'shop', 'get', 'cron', 'c', '-o', 'jsonpath={.metadata.uid}');
  expect(cron).not.toBe(uid(2));
  const owner = '-o=jsonpath={.metadata.ownerReferences}';
  expect(JSON.parse(await kubectl('api', '-n', 'shop', 'get', 'cm', 'of-cron', owner))).toEqual([
    { apiVersion: 'stable.example.com/v1', kind: 'Cron', name: 'c', uid: cron, controller: true },
  ]);
  // Repeated, as after an interruption: the owner is found by name.
  expect(await kubectl('api', 'get', 'flowschema', 'f', '-o', 'jsonpath={.spec.matchingPrecedence}')).toBe(
    '77',
  );
  await kubectl('api', '-n', 'shop', 'delete', 'quota', 'q');
  await kubectl('api', '-n', 'shop', 'delete', 'cm', 'of-cron');
  expect(await exported(...target, '--resource=configmaps', '--namespace=shop')).toEqual({
    code: 0,
    stderr: [
      '1 objects created, 1 already existed',
      'changed:',
      "  configmaps (1): without owners that the cluster doesn't have",
    ].join('\n'),
  });
  expect(JSON.parse(await kubectl('api', '-n', 'shop', 'get', 'cm', 'of-cron', owner))[0].uid).toBe(cron);
});

test('kubectl applies the exported files: definitions, then a namespace', async () => {
  const [definitions, shop] = [path('definitions'), path('shop')];
  const resource = 'customresourcedefinitions.apiextensions.k8s.io';
  expect(await exported(`--output=${definitions}`, `--resource=${resource}`)).toEqual({
    code: 0,
    stderr: `1 objects written to 1 files in ${definitions}`,
  });
  await kubectl('files', 'apply', '-f', definitions);
  await kubectl('files', 'wait', '--for=condition=Established', '-f', definitions);
  expect(await exported(`--output=${shop}`, '--namespace=shop')).toEqual({
    code: 0,
    stderr: [
      `9 objects written to 8 files in ${shop}`,
      'left behind:',
      '  jobs.batch (1): they have finished, and would run again',
      'changed:',
      "  configmaps (2): without their owners, whose uids kubectl can't know",
    ].join('\n'),
  });
  expect(readdirSync(shop).slice(0, 2)).toEqual(['000-namespaces.yaml', '001-secrets.yaml']);
  // A field that is newer than the older minor.
  await kubectl('files', 'apply', '--validate=warn', '-f', shop);
  expect(await look('files')).toEqual(EXPECTED);
});

test('files with uids recreate the same control plane', async () => {
  const [first, second] = [path('first'), path('second')];
  expect((await exported(`--output=${first}`, '--keep-uids', '--format=json')).stderr).toBe(
    `13 objects written to 11 files in ${first}`,
  );
  const imported = await zeroplane('import', `--files=${first}`, `--data-dir=${path('again')}`);
  expect(imported).toEqual({ code: 0, stderr: '14 objects imported' });
  await zeroplane(
    ...['export', `--data-dir=${path('again')}`, `--output=${second}`, '--keep-uids', '--format=json'],
  );
  const files = (place: string) =>
    readdirSync(place).map((name) => {
      const list = JSON.parse(readFileSync(join(place, name), 'utf8')) as { items: KubeObject[] };
      // Revisions only grow.
      for (const { metadata } of list.items) delete metadata.resourceVersion;
      return [name, list];
    });
  expect(files(second)).toEqual(files(first));
  expect(JSON.stringify(files(first))).toContain(uid(4));
});

test.each([
  ['no target', {}, 'name one target: --kubeconfig or --output'],
  [
    'uids for a cluster',
    { kubeconfig: 'x', keepUids: true },
    '--keep-uids is for files: a cluster assigns its own uids',
  ],
  ['a folder in use', { output: folder }, `${folder} is not empty`],
  ['another format', { output: path('toml'), format: 'toml' }, '--format toml: there are yaml, json'],
  [
    'an unknown resource',
    { output: path('none'), resource: ['deployment'] },
    'the control plane has no deployment: resources are named like deployments.apps',
  ],
])('%s is rejected', async (_, more, message) => {
  const options = { tenant: 'default', dataDir: path('data'), format: 'yaml', ...more };
  await expect(exportControlPlane(options)).rejects.toThrow(message);
});
