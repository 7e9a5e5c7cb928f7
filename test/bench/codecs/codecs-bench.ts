/** Encodings compared, and each step of reading and patching an object. */

import { builtinDefaultTables } from '../../../shared/apis/default-tables.ts';
import { type PatchType, patchObject } from '../../../shared/meta/patch/patch-object.ts';
import { Defaulter } from '../../../shared/runtime/defaulting.ts';
import type { RuntimeObject } from '../../../shared/runtime/scheme.ts';
import { CodecFactory } from '../../../shared/runtime/serializer/codec-factory.ts';
import { schemeKinds } from '../../../shared/runtime/serializer/scheme-kinds.ts';
import type { MediaType } from '../../../shared/runtime/serializer/serializer.ts';
import { newScheme } from '../../../shared/server/builtin-scheme.ts';
import { deepCopy } from '../../../shared/util/deep-copy.ts';

const MEDIA_TYPES: readonly MediaType[] = [
  'application/json',
  'application/vnd.kubernetes.protobuf',
  'application/cbor',
  'application/yaml',
];
const PODS = 500;
const WARM_UP_MS = 300;
const SLICES = 8;
const SLICE_MS = 100;

const scheme = newScheme();
const defaulter = new Defaulter(scheme, builtinDefaultTables());
const codecs = new CodecFactory(schemeKinds(scheme), MEDIA_TYPES);

const container = (name: string) => ({
  name,
  image: `registry.example/${name}:1.2.3`,
  ports: [{ containerPort: 8080, name: 'http', protocol: 'TCP' }],
  env: Array.from({ length: 12 }, (_, i) => ({ name: `SETTING_${i}`, value: `value ${i}` })),
  resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
  livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10 },
  volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
});

const podSpec = {
  containers: [container('main'), container('sidecar')],
  volumes: [{ name: 'config', configMap: { name: 'settings' } }],
  tolerations: [{ key: 'dedicated', operator: 'Exists' }],
};

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    namespace: 'default',
    labels: { app: 'web' },
    annotations: { note: 'x'.repeat(200) },
  },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: podSpec },
  },
};

const podList = {
  apiVersion: 'v1',
  kind: 'PodList',
  metadata: { resourceVersion: '1' },
  items: Array.from({ length: PODS }, (_, i) => ({
    metadata: { name: `pod-${i}`, namespace: 'default', uid: `uid-${i}`, labels: { app: 'web' } },
    spec: podSpec,
    status: { phase: 'Running', podIP: `10.0.0.${i % 256}` },
  })),
};

/** Microseconds per run in the fastest of several slices, to exclude other load on the machine. */
async function measure(work: () => unknown): Promise<number> {
  const slice = async (milliseconds: number): Promise<number> => {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < milliseconds) {
      const done = work();
      if (done instanceof Promise) await done;
      count++;
    }
    return ((performance.now() - start) / count) * 1000;
  };
  await slice(WARM_UP_MS);
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < SLICES; i++) fastest = Math.min(fastest, await slice(SLICE_MS));
  return fastest;
}

const micros = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));

async function encodings(title: string, object: RuntimeObject): Promise<string> {
  const rows = [];
  for (const mediaType of MEDIA_TYPES) {
    const { serializer } = (await codecs.serializerInfo(mediaType))!;
    const bytes = serializer.encode(object);
    const encode = await measure(() => serializer.encode(object));
    const decode = await measure(() => serializer.decode(bytes, { strict: true }));
    rows.push(`| ${mediaType} | ${bytes.byteLength} | ${micros(encode)} | ${micros(decode)} |`);
  }
  const head = `| ${title} | bytes | encode µs | decode µs, strict |\n| --- | --- | --- | --- |`;
  return [head, ...rows].join('\n');
}

const PATCHES: Readonly<Record<PatchType, unknown>> = {
  'application/strategic-merge-patch+json': {
    spec: { template: { spec: { containers: [{ name: 'main', image: 'registry.example/main:2' }] } } },
  },
  'application/merge-patch+json': { metadata: { labels: { app: 'other' } } },
  'application/json-patch+json': [{ op: 'replace', path: '/spec/replicas', value: 5 }],
};

async function steps(): Promise<string> {
  const { serializer } = (await codecs.serializerInfo('application/json'))!;
  const bytes = serializer.encode(deployment);
  const text = new TextDecoder().decode(bytes);
  const { object, gvk } = serializer.decode(bytes);
  const rows: [string, () => unknown][] = [
    ['JSON.parse, for comparison', () => JSON.parse(text)],
    ['decode', () => serializer.decode(bytes)],
    ['decode, strict', () => serializer.decode(bytes, { strict: true })],
    ['copy', () => deepCopy(object)],
    ['copy and apply defaults', () => defaulter.applyDefaults(deepCopy(object))],
  ];
  const target = { gvk, schema: scheme.schema(gvk), serializer, fieldValidation: 'Warn' as const };
  for (const [patchType, patch] of Object.entries(PATCHES)) {
    const patchBytes = new TextEncoder().encode(JSON.stringify(patch));
    rows.push([
      patchType,
      () => patchObject(async () => deepCopy(object), patchType as PatchType, patchBytes, target),
    ]);
  }
  const head = '| the Deployment as JSON | µs |\n| --- | --- |';
  const lines = [head];
  for (const [name, work] of rows) lines.push(`| ${name} | ${micros(await measure(work))} |`);
  return lines.join('\n');
}

export async function run(): Promise<string> {
  return [
    await encodings('a Deployment', deployment),
    await encodings(`a list of ${PODS} pods`, podList),
    await steps(),
  ].join('\n\n');
}
