/** The requests of the server benchmark, and the objects they require. */

import { call, inBatches, JSON_HEADERS, type Target } from './bench-server.ts';
import type { LoadRequest } from './load.ts';

const PODS = 500;
const OTHERS = 100;

const NAMESPACE = 'zeroplane-bench';
const NAMESPACED = `/api/v1/namespaces/${NAMESPACE}`;
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
export const CONFIG_MAPS = `${NAMESPACED}/configmaps`;
export const POD_PATH = `${NAMESPACED}/pods/pod-7`;
export const LIST_PATH = `${NAMESPACED}/pods`;

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
/** The encodings requested by informers and by `kubectl get --watch`. */
export const WATCH_ENCODINGS = {
  JSON: 'application/json',
  protobuf: `${PROTOBUF};stream=watch`,
  Table: TABLE,
};
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** A pod of some 3 KB, typical of those created by controllers. */
function pod(name: string, n = 0) {
  const env = Array.from({ length: 20 }, (_, i) => ({
    name: `SETTING_${i}`,
    value: `value-${i}-of-this-container`,
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { app: 'bench', tier: 'one', tenth: String(n % 10) },
      annotations: { note: 'x'.repeat(200) },
    },
    spec: {
      automountServiceAccountToken: false,
      containers: [
        { name: 'main', image: 'registry.example/app:1.2.3', env, ports: [{ containerPort: 8080 }] },
        { name: 'sidecar', image: 'registry.example/sidecar:4.5', args: ['--verbose', '--listen=:9090'] },
      ],
    },
  };
}

/** A Deployment of some 3 KB; `round` changes one value in it. */
function deployment(name: string, round: number) {
  const { spec } = pod(name);
  const [main, ...others] = spec.containers;
  const env = [...(main!.env ?? []), { name: 'ROUND', value: `r${round}` }];
  const args = Array.from({ length: 12 }, (_, i) => `--option-of-the-command-${i}=some-value-for-it`);
  const containers = [{ ...main, env, args }, ...others];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { app: 'bench' } },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers } },
    },
  };
}

export const configMap = (name: string, value = 'value') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { key: value },
});

/** Set by Go's HTTP client, and thus by kubectl and controllers. */
const GZIP = { 'accept-encoding': 'gzip' };

const get = (path: string, accept = JSON_HEADERS.accept, more: LoadRequest['headers'] = {}) => {
  const request: LoadRequest = { method: 'GET', path, headers: { ...JSON_HEADERS, accept, ...more } };
  return () => request;
};
const write = (method: string, path: string, body: unknown, type = JSON_HEADERS['content-type']) => ({
  method,
  path,
  headers: { ...JSON_HEADERS, 'content-type': type },
  body: JSON.stringify(body),
});
const apply = (n: number, round: number): LoadRequest => {
  const name = `web-${n % OTHERS}`;
  const type = 'application/apply-patch+yaml';
  return write('PATCH', `${DEPLOYMENTS}/${name}?fieldManager=bench`, deployment(name, round), type);
};
const merge = (path: string, n: number) =>
  write('PATCH', path, { metadata: { labels: { round: `p${n}` } } }, 'application/merge-patch+json');

export interface Operation {
  readonly name: string;
  /** The n-th request of a run; `run` is unique. */
  readonly next: (n: number, run: number) => LoadRequest;
  /** Whether a server that sends constant bytes is a lower bound for it. */
  readonly hasFloor?: boolean;
}

export const OPERATIONS: readonly Operation[] = [
  { name: 'GET a pod', next: get(POD_PATH), hasFloor: true },
  { name: `LIST ${PODS} pods`, next: get(LIST_PATH), hasFloor: true },
  { name: `LIST ${PODS} pods, resourceVersion=0`, next: get(`${LIST_PATH}?resourceVersion=0`) },
  { name: `LIST ${PODS} pods, protobuf`, next: get(LIST_PATH, PROTOBUF) },
  { name: `LIST ${PODS} pods, Table`, next: get(LIST_PATH, TABLE) },
  { name: `LIST ${PODS} pods, protobuf, gzip`, next: get(LIST_PATH, PROTOBUF, GZIP) },
  { name: `LIST ${PODS} pods, Table, gzip`, next: get(LIST_PATH, TABLE, GZIP) },
  { name: 'LIST limit=50', next: get(`${LIST_PATH}?limit=50`) },
  { name: `LIST by label, ${PODS / 10} of ${PODS}`, next: get(`${LIST_PATH}?labelSelector=tenth%3D3`) },
  { name: 'discovery, aggregated', next: get('/apis', AGGREGATED) },
  { name: 'OpenAPI v3 of apps/v1', next: get('/openapi/v3/apis/apps/v1') },
  {
    name: 'CREATE a ConfigMap',
    next: (n, run) => write('POST', CONFIG_MAPS, configMap(`cm-${run}-${n}`)),
  },
  { name: 'CREATE a pod', next: (n, run) => write('POST', LIST_PATH, pod(`new-${run}-${n}`, n)) },
  {
    name: `UPDATE one of ${OTHERS} ConfigMaps`,
    next: (n) => write('PUT', `${CONFIG_MAPS}/u-${n % OTHERS}`, configMap(`u-${n % OTHERS}`, `value-${n}`)),
  },
  { name: `PATCH one of ${PODS} pods`, next: (n) => merge(`${LIST_PATH}/pod-${n % PODS}`, n) },
  { name: `PATCH one of ${OTHERS} Deployments`, next: (n) => merge(`${DEPLOYMENTS}/web-${n % OTHERS}`, n) },
  {
    name: `APPLY one of ${OTHERS} Deployments (${(JSON.stringify(deployment('web-0', 0)).length / 1000).toFixed(1)} KB)`,
    next: (n) => apply(n, n),
  },
];

/** Creates the objects that operations require; existing ones are kept. */
export async function prepare(target: Target): Promise<void> {
  const CONFLICT = 409;
  const create = (path: string, body: unknown) => call(target, write('POST', path, body), CONFLICT);
  await create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  // If no controller creates it, admission would wait for it in vain.
  await create(`${NAMESPACED}/serviceaccounts`, { metadata: { name: 'default' } });
  await inBatches(PODS, (i) => create(LIST_PATH, pod(`pod-${i}`, i)));
  await inBatches(OTHERS, (i) => create(CONFIG_MAPS, configMap(`u-${i}`)));
  await inBatches(OTHERS, (i) => call(target, apply(i, 0)));
}

/** Deletes all of them. */
export async function cleanUp(target: Target): Promise<void> {
  for (const path of [LIST_PATH, CONFIG_MAPS, DEPLOYMENTS]) await call(target, { method: 'DELETE', path });
  await call(target, { method: 'DELETE', path: `/api/v1/namespaces/${NAMESPACE}` });
}
