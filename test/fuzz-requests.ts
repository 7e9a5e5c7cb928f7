/**
 * `npm run fuzz:requests -- [--requests N] [--seed N]`: sends requests for every resource, with every method and
 * encoding, with objects that are valid, nearly valid and corrupted. Prints a summary of the responses, and fails if
 * one is a 5xx that kube-apiserver would not return, contains a stack trace, is too late, or was logged as a fault.
 */

import { parseArgs } from 'node:util';
import { builtinResources } from '../shared/apis/resource-table.ts';
import { type GroupVersionKind, parseGroupVersion } from '../shared/runtime/group-version.ts';
import { encodeCBOR } from '../shared/runtime/serializer/cbor/encode-cbor.ts';
import { ProtobufSerializer } from '../shared/runtime/serializer/protobuf/protobuf-serializer.ts';
import { writeYAML } from '../shared/runtime/serializer/yaml/write-yaml.ts';
import { newScheme } from '../shared/server/builtin-scheme.ts';
import { send, startTestServer } from './fixtures/api-server.ts';
import { drawNearly, spoil } from './fixtures/draw-object.ts';
import { EVERY_RESOURCE } from './fixtures/every-resource.ts';
import { Random } from './fixtures/random.ts';
import { sampleOf } from './fixtures/samples.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});

/** Milliseconds after which a request counts as hanging. */
const PATIENCE_MS = 60_000;
/** Number of requests after which all objects are deleted. */
const ROUND = 50_000;
const SHOWN = 20;
/** kube-apiserver's error for a Service without endpoints. */
const NOWHERE = 'no endpoints available for service ';

const scheme = newScheme();
const protobuf = new ProtobufSerializer((gvk) => (scheme.recognizes(gvk) ? scheme.schema(gvk) : undefined));

interface Place {
  readonly url: string;
  readonly gvk: GroupVersionKind;
  readonly isCollection: boolean;
  readonly methods: readonly string[];
}

const METHOD_OF: Readonly<Record<string, readonly string[]>> = {
  create: ['POST', 'POST'],
  update: ['PUT', 'PUT'],
  patch: ['PATCH', 'PATCH', 'PATCH'],
  get: ['GET'],
  list: ['GET'],
  delete: ['DELETE'],
};
const methodsOf = (verbs: readonly string[]): readonly string[] =>
  verbs.flatMap((verb) => METHOD_OF[verb] ?? []);

const places: readonly Place[] = [...builtinResources()].flatMap(([apiVersion, { resources }]) =>
  Object.entries(resources).flatMap(([resource, facts]) => {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const gv = parseGroupVersion(apiVersion)!;
    const url = `${base}${facts.namespaced ? '/namespaces/default' : ''}/${resource}`;
    const below = Object.entries(facts.subresources ?? {}).map(([name, sub]) => ({
      url: `${url}/NAME/${name}`,
      gvk: { group: sub.group ?? gv.group, version: sub.version ?? gv.version, kind: sub.kind },
      isCollection: false,
      methods: methodsOf(sub.verbs),
    }));
    const own = {
      url,
      gvk: { ...gv, kind: facts.kind },
      isCollection: true,
      methods: methodsOf(facts.verbs),
    };
    return [own, ...below].filter(({ gvk }) => scheme.recognizes(gvk));
  }),
);

type Encode = (object: Record<string, unknown>) => Uint8Array;
const json: Encode = (object) => Buffer.from(JSON.stringify(object));
const yaml: Encode = (object) => Buffer.from(writeYAML(JSON.parse(JSON.stringify(object))));
const cbor: Encode = (object) => encodeCBOR(JSON.parse(JSON.stringify(object)));

/** Values that don't fit their fields can't be encoded in protobuf. */
const asProtobuf: Encode = (object) => {
  try {
    return protobuf.encode(object as Parameters<typeof protobuf.encode>[0]);
  } catch {
    return json(object);
  }
};

const BODIES: readonly (readonly [type: string, encode: Encode])[] = [
  ['application/json', json],
  ['application/yaml', yaml],
  ['application/vnd.kubernetes.protobuf', asProtobuf],
  ['application/cbor', cbor],
];
const PATCHES: readonly (readonly [type: string, encode: Encode])[] = [
  ['application/merge-patch+json', json],
  ['application/strategic-merge-patch+json', json],
  ['application/apply-patch+yaml', yaml],
  ['application/apply-patch+cbor', cbor],
  ['application/json-patch+json', patchOf],
];
const ACCEPTED = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/cbor',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io, application/json',
  'application/cbor;as=Table;v=v1;g=meta.k8s.io',
  'text/html, */*;q=0.1',
];
const QUERIES = [
  '',
  'dryRun=All',
  'fieldValidation=Strict',
  'fieldValidation=Warn',
  'fieldManager=a&force=true',
  'pretty=true',
  'limit=1',
  'watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
  'labelSelector=app%20in%20(a,b),!x',
  'fieldSelector=metadata.name%3Dfuzz',
  'resourceVersion=0',
  'resourceVersion=1&resourceVersionMatch=Exact',
  'continue=x',
  'propagationPolicy=Foreground&gracePeriodSeconds=0',
];
const METHODS = [
  'POST',
  'POST',
  'POST',
  'PUT',
  'PUT',
  'PATCH',
  'PATCH',
  'PATCH',
  'GET',
  'GET',
  'DELETE',
  'HEAD',
];
const NAMES = [
  'fuzz',
  'fuzz',
  'fuzz',
  'sample',
  'default',
  'a.b',
  'kube-system',
  'A_',
  '%2e%2e',
  '__proto__',
];

function patchOf(object: Record<string, unknown>): Uint8Array {
  const operations = Object.entries(object).map(([key, value]) => ({
    op: value === null ? 'remove' : 'add',
    path: `/${key.replaceAll('/', '~1')}`,
    value,
  }));
  return json(operations as unknown as Record<string, unknown>);
}

function drawObject(random: Random, { gvk }: Place): Record<string, unknown> {
  const apiVersion = gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
  const schema = scheme.schema(gvk);
  const sample = random.chance(0.75) ? sampleIfAny(apiVersion, gvk.kind) : undefined;
  if (sample !== undefined) {
    if (random.chance(0.5)) sample.metadata = { ...(sample.metadata as object), name: 'fuzz' };
    for (let left = random.below(4); left > 0; left--) spoil(random, sample, schema);
    return sample;
  }
  const drawn = drawNearly(random, schema);
  const given = typeof drawn === 'object' && drawn !== null && !Array.isArray(drawn) ? drawn : {};
  const { metadata } = given as { metadata?: object };
  return { ...given, apiVersion, kind: gvk.kind, metadata: { ...metadata, name: 'fuzz' } };
}

function sampleIfAny(apiVersion: string, kind: string): Record<string, unknown> | undefined {
  try {
    return { ...sampleOf(apiVersion, kind), apiVersion } as unknown as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Corrupts one in ten bodies. */
function damaged(random: Random, bytes: Uint8Array): Uint8Array {
  if (!random.chance(0.1) || bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  switch (random.below(4)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes, bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))]);
    default: {
      const copy = Buffer.from(bytes);
      for (let left = 1 + random.below(4); left > 0; left--)
        copy[random.below(copy.length)] = random.below(256);
      return copy;
    }
  }
}

interface Drawn {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array;
}

function drawRequest(random: Random): Drawn {
  const place = random.pick(places);
  const method = random.pick(place.methods.length === 0 || random.chance(0.05) ? METHODS : place.methods);
  const name = random.pick(NAMES);
  const path =
    place.isCollection && method !== 'POST' && random.chance(0.85) ? `${place.url}/${name}` : place.url;
  const query = random.chance(0.4) ? random.pick(QUERIES) : '';
  const url = `${path.replace('NAME', name)}${query === '' ? '' : `?${query}`}`;
  const headers: Record<string, string> = random.chance(0.5) ? { accept: random.pick(ACCEPTED) } : {};
  if (method === 'GET' || method === 'HEAD' || (method === 'DELETE' && random.chance(0.7))) {
    return { method, url, headers };
  }
  const [type, encode] = random.pick(method === 'PATCH' ? PATCHES : BODIES);
  const said = random.chance(0.03) ? random.pick([...PATCHES, ...BODIES])[0] : type;
  return {
    method,
    url,
    headers: { ...headers, 'content-type': said },
    body: damaged(random, encode(drawObject(random, place))),
  };
}

/** Like plain-error.ts, for all encodings: they contain the texts unchanged. */
const isUpstreams = (status: number, text: string): boolean =>
  status === 503 ? text.includes(NOWHERE) : text.includes('Status') && !text.includes('InternalError');

/** The fault of a response; undefined if there is none. */
async function faultOf(
  { method, url, headers, body }: Drawn,
  codes: Map<number, number>,
): Promise<string | undefined> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), PATIENCE_MS);
  });
  try {
    const answer = await Promise.race([
      send(server, method, url, { headers, ...(body && { body }), signal: abort.signal }),
      late,
    ]);
    if (answer === 'late') return 'no answer in time';
    codes.set(answer.status, (codes.get(answer.status) ?? 0) + 1);
    if (!(answer.body instanceof Uint8Array)) {
      setTimeout(() => abort.abort(), 2);
      for await (const _ of answer.body);
      return undefined;
    }
    if (answer.status < 400) return undefined;
    const text = Buffer.from(answer.body).toString('latin1');
    if (/\n\s+at .*:\d+:\d+/.test(text)) return `a stack: ${text}`;
    if (answer.status < 500) return undefined;
    return isUpstreams(answer.status, text) ? undefined : `${answer.status}: ${text}`;
  } catch (error) {
    return `thrown: ${(error as Error).stack}`;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

const server = await startTestServer({
  ...EVERY_RESOURCE,
  featureGates: new Map([...EVERY_RESOURCE.featureGates, ['CBORServingAndStorage', 'true']]),
});
const random = new Random(Number(values.seed));
const count = Number(values.requests);
const codes = new Map<number, number>();
const faults = new Map<string, { count: number; readonly example: string }>();
const began = performance.now();

function note(fault: string, request: Drawn): void {
  const cause = fault.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, '#').slice(0, 300);
  const known = faults.get(cause);
  if (known !== undefined) known.count++;
  else {
    const body =
      request.body === undefined ? '' : Buffer.from(request.body).toString('latin1').slice(0, 1500);
    faults.set(cause, {
      count: 1,
      example: `${request.method} ${request.url} ${JSON.stringify(request.headers)} ${body}`,
    });
  }
}

async function clear(): Promise<void> {
  for (const { url, isCollection } of places) {
    if (!isCollection) continue;
    for (const name of NAMES.slice(2, 6)) {
      const clean = {
        method: 'PATCH',
        url: `${url}/${name}`,
        headers: { 'content-type': 'application/merge-patch+json' },
      };
      await faultOf({ ...clean, body: Buffer.from('{"metadata":{"finalizers":null}}') }, new Map());
    }
    await faultOf({ method: 'DELETE', url, headers: {} }, new Map());
  }
  await send(server, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  });
}

/** Number of concurrent requests. */
const AT_ONCE = 16;

async function ask(): Promise<void> {
  const request = drawRequest(random);
  const fault = await faultOf(request, codes);
  if (fault !== undefined) note(fault, request);
  // May belong to another request in flight.
  for (const error of (server.errors as string[]).splice(0)) note(`logged: ${error}`, request);
}

for (let done = 0; done < count; done += AT_ONCE) {
  if (Math.floor(done / ROUND) !== Math.floor((done - AT_ONCE) / ROUND)) await clear();
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  if (done % 10_000 < AT_ONCE) {
    const megabytes = Math.round(process.memoryUsage().rss / 1e6);
    console.log(`${done} requests, ${faults.size} kinds of fault, ${megabytes} MB`);
    for (const [cause, { count: times, example }] of faults)
      console.log(`  ${times} x ${cause}\n    ${example}`);
  }
}
await server.close();
const seconds = (performance.now() - began) / 1000;
const counted = [...codes].sort(([a], [b]) => a - b).map(([code, times]) => `${times} x ${code}`);
console.log(`${count} requests in ${seconds.toFixed(0)} s, seed ${values.seed}: ${counted.join(', ')}`);
const all = [...faults].sort(([, a], [, b]) => b.count - a.count);
for (const [cause, { count: times, example }] of all.slice(0, SHOWN))
  console.log(`${times} x ${cause}\n    ${example}`);
console.log(`${all.length} kinds of fault`);
process.exit(all.length === 0 ? 0 : 1);
