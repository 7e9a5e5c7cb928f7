import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

const TEMPLATE = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}-web}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}-web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-config}
data: {replicas: "{{ .Values.replicas }}"}
`;

let server: LocalServer;
let chart: string;
beforeAll(async () => {
  server = await startLocalServer();
  chart = join(server.dataDir, 'chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: demo\nversion: 0.1.0\n');
  writeFileSync(join(chart, 'values.yaml'), 'replicas: 2\n');
  writeFileSync(join(chart, 'templates/all.yaml'), TEMPLATE);
});
afterAll(() => server.stop());

test('helm installs, upgrades, rolls back and uninstalls a chart', async () => {
  const helm = async (...args: string[]) => {
    const { code, stdout, stderr } = await server.helm(args);
    expect(`${code} ${stderr}`).toBe('0 ');
    return stdout;
  };
  const replicas = () => server.run(['get', 'deployment', 'demo-web', '-o', 'jsonpath={.spec.replicas}']);
  expect(await helm('install', 'demo', chart)).toContain('STATUS: deployed');
  expect(await replicas()).toBe('2');
  expect(await helm('upgrade', 'demo', chart, '--set', 'replicas=5')).toContain('REVISION: 2');
  expect(await replicas()).toBe('5');
  await helm('rollback', 'demo', '1');
  expect(await replicas()).toBe('2');
  expect(await helm('list', '-q')).toBe('demo\n');
  await helm('uninstall', 'demo');
  expect(
    await server.run([
      'get',
      'deployments,configmaps',
      '-l',
      'app.kubernetes.io/managed-by=Helm',
      '-o',
      'name',
    ]),
  ).toBe('');
  expect((await server.kubectl(['get', 'deployment', 'demo-web'])).stderr).toContain('not found');
}, 90_000);
