/**
 * The requests authorized are those executed: paths, methods and queries that might be interpreted differently. Every
 * request is allowed, so that the router executes it; afterwards, each object returned or changed must have been
 * authorized.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Authorizer, AuthorizerAttributes } from '../../../shared/authz/authorizer.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { isAlreadyExists } from '../../../shared/meta/status-error.ts';
import type { GroupVersionResource } from '../../../shared/runtime/group-version.ts';
import { send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import fc, { fuzzRuns } from '../../fixtures/fuzz.ts';
import { isPlainError, NO_REQUEST } from '../../fixtures/plain-error.ts';

const RUNS = fuzzRuns(1500);
const WATCH_MS = 15;

interface Kind extends GroupVersionResource {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
  readonly rest?: object;
}
const podSpec = { containers: [{ name: 'main', image: 'x' }], serviceAccountName: 'a' };
const template = { metadata: { labels: { app: 'a' } }, spec: podSpec };
const core = { group: '', version: 'v1' };
const KINDS: readonly Kind[] = [
  { ...core, resource: 'configmaps', kind: 'ConfigMap', namespaced: true, subresources: [] },
  { ...core, resource: 'secrets', kind: 'Secret', namespaced: true, subresources: [] },
  {
    ...core,
    resource: 'pods',
    kind: 'Pod',
    namespaced: true,
    subresources: ['status', 'log', 'exec', 'proxy', 'eviction', 'binding', 'ephemeralcontainers'],
    rest: { spec: podSpec },
  },
  {
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    kind: 'Deployment',
    namespaced: true,
    subresources: ['status', 'scale'],
    rest: { spec: { selector: { matchLabels: { app: 'a' } }, template } },
  },
  {
    ...core,
    resource: 'serviceaccounts',
    kind: 'ServiceAccount',
    namespaced: true,
    subresources: ['token'],
  },
  {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    resource: 'clusterroles',
    kind: 'ClusterRole',
    namespaced: false,
    subresources: [],
  },
  { ...core, resource: 'nodes', kind: 'Node', namespaced: false, subresources: ['status', 'proxy'] },
  {
    ...core,
    resource: 'namespaces',
    kind: 'Namespace',
    namespaced: false,
    subresources: ['status', 'finalize'],
  },
];
const NAMESPACES = ['one', 'two'];
const NAMES = ['a', 'b'];

/** Responses that only certain paths return. */
const SIGNATURES: readonly [text: string, paths: RegExp][] = [
  ['# HELP apiserver', /^\/metrics$/],
  ['"gitVersion":"', /^\/version\/?$/],
  ['"openapi":"3', /^\/openapi\/v3/],
  ['"swagger":"2', /^\/openapi\/v2$/],
  ['[+]ping ok', /^\/(healthz|livez|readyz)$/],
];

let server: TestServer;
let asked: AuthorizerAttributes[] = [];
/** Requests that would destroy the test's own objects. */
const isDestructive = ({ resource, verb, subresource }: AuthorizerAttributes): boolean =>
  resource === 'namespaces' && (verb.startsWith('delete') || subresource !== '');
const recorder: Authorizer = {
  authorize: async (attributes) => {
    asked.push(attributes);
    return { decision: isDestructive(attributes) ? 'Deny' : 'Allow', reason: '' };
  },
};

const markerOf = (resource: string, namespace: string, name: string) =>
  `@@${resource}|${namespace}|${name}@@`;
const MARKER = /@@([a-z.0-9]+)\|([a-z]*)\|([a-z]+)@@/g;
const fullName = ({ resource, group }: { resource: string; group: string }) =>
  group === '' ? resource : `${resource}.${group}`;

function objectOf(kind: Kind, namespace: string, name: string): KubeObject {
  const metadata = {
    name,
    ...(kind.namespaced && { namespace }),
    annotations: { marker: markerOf(fullName(kind), kind.namespaced ? namespace : '', name) },
  };
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  return { apiVersion, kind: kind.kind, metadata, ...kind.rest } as KubeObject;
}

async function removeOthers(): Promise<void> {
  for (const kind of KINDS) {
    const { items } = await server.resources.lister(kind).snapshot(0);
    for (const { metadata } of items) {
      const { namespace = '', name = '' } = metadata;
      const isOurs = kind.resource === 'namespaces' || (kind.namespaced && !NAMESPACES.includes(namespace));
      if (isOurs || name.length > 3 || NAMES.includes(name)) continue;
      const where = kind.namespaced ? { namespace } : {};
      await server.resources.client.delete(kind, { ...where, name, gracePeriodSeconds: 0 });
    }
  }
}

async function restore(): Promise<void> {
  await removeOthers();
  for (const kind of [...KINDS].reverse()) {
    for (const namespace of kind.namespaced ? NAMESPACES : ['']) {
      for (const name of kind.resource === 'namespaces' ? NAMESPACES : NAMES) {
        const found = await server.resources.lister(kind).get(namespace, name, 0);
        const options = kind.namespaced ? { namespace } : {};
        const { metadata } = objectOf(kind, namespace, name);
        if (found?.metadata.annotations?.['marker'] === metadata.annotations!['marker']) continue;
        if (found !== undefined) {
          const patch = { metadata: { annotations: metadata.annotations } };
          const patchType = 'application/merge-patch+json';
          await server.resources.client.patch(kind, patch, { ...options, name, patchType });
          continue;
        }
        await server.resources.client
          .create(kind, objectOf(kind, namespace, name), options)
          .catch((error: unknown) => {
            if (!isAlreadyExists(error)) throw error;
          });
      }
    }
  }
}

type State = ReadonlyMap<string, string>;
async function state(): Promise<State> {
  const entries = await Promise.all(
    KINDS.map(async (kind) => {
      const { items } = await server.resources.lister(kind).snapshot(0);
      return items.map(
        ({ metadata: { namespace = '', name = '', resourceVersion = '' } }): [string, string] => [
          `${fullName(kind)}|${namespace}|${name}`,
          resourceVersion,
        ],
      );
    }),
  );
  return new Map(entries.flat());
}

beforeAll(async () => {
  server = await startTestServer({}, { authorizer: recorder });
  await restore();
});
afterAll(() => server.close());

const ENCODINGS = [
  '%2F',
  '%2f',
  '%252F',
  '%2e',
  '%2E%2e',
  '%00',
  '%20',
  '%5c',
  ';x=y',
  '\\',
  '／',
  '.',
  '..',
  '?',
  '#',
];
const INSERTS = [
  '',
  '.',
  '..',
  'watch',
  'proxy',
  'namespaces',
  'one',
  'two',
  'api',
  'v1',
  'a',
  'b',
  'status',
  'secrets',
];

/** Mostly the first choice, so that requests reach handlers. */
const often = <T>(first: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(first) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
  );

const base = fc.constantFrom(...KINDS).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    namespace: often(kind.namespaced ? 'one' : undefined, ...NAMESPACES, undefined),
    name: often(kind.resource === 'namespaces' ? 'one' : 'a', 'b', 'c', 'one', 'two', undefined),
    subresource: often(undefined, ...(kind.subresources.length > 0 ? kind.subresources : ['status'])),
    watch: often(false, true),
    isCollection: often(false, true),
  }),
);
type Base = typeof base extends fc.Arbitrary<infer T> ? T : never;

function basePath({ kind, namespace, name, subresource, watch, isCollection }: Base): string[] {
  return [
    ...(kind.group === '' ? ['api', kind.version] : ['apis', kind.group, kind.version]),
    ...(watch ? ['watch'] : []),
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    kind.resource,
    ...(isCollection || name === undefined ? [] : [name, ...(subresource ? [subresource] : [])]),
  ];
}

const nonResourcePath = fc
  .constantFrom(
    '/metrics',
    '/version',
    '/openapi/v2',
    '/openapi/v3',
    '/livez',
    '/readyz',
    '/api',
    '/apis',
    '/',
    '/apis/apps',
  )
  .map((path) => path.split('/').slice(1));

const mutation = fc.oneof(
  fc.record({ type: fc.constant('insert' as const), at: fc.nat(8), text: fc.constantFrom(...INSERTS) }),
  fc.record({ type: fc.constant('append' as const), at: fc.nat(8), text: fc.constantFrom(...ENCODINGS) }),
  fc.record({ type: fc.constant('encode' as const), at: fc.nat(8), text: fc.constant('') }),
  fc.record({ type: fc.constant('upper' as const), at: fc.nat(8), text: fc.constant('') }),
  fc.record({ type: fc.constant('drop' as const), at: fc.nat(8), text: fc.constant('') }),
  fc.record({
    type: fc.constant('join' as const),
    at: fc.nat(8),
    text: fc.constantFrom('%2F', '%2f', '//', '/./', ';'),
  }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(segments: readonly string[], { type, at, text }: Mutation): string[] {
  const index = at % Math.max(1, segments.length);
  const changed = [...segments];
  const here = changed[index] ?? '';
  switch (type) {
    case 'insert':
      changed.splice(index, 0, text);
      break;
    case 'append':
      changed[index] = here + text;
      break;
    case 'encode':
      changed[index] = [...here].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
      break;
    case 'upper':
      changed[index] = here.toUpperCase();
      break;
    case 'drop':
      changed.splice(index, 1);
      break;
    case 'join':
      changed.splice(index, 2, `${here}${text}${changed[index + 1] ?? ''}`);
      break;
  }
  return changed;
}

const query = fc
  .array(
    fc.constantFrom(
      'watch',
      'watch=1',
      'watch=true',
      'watch=false',
      'watch=0',
      'watch=TRUE',
      'Watch=1',
      'fieldSelector=metadata.name=a',
      'fieldSelector=metadata.name==b',
      'fieldSelector=metadata.name!=a',
      'fieldSelector=metadata.name=a,metadata.name=b',
      'fieldSelector=metadata.namespace=two',
      'fieldSelector=',
      'labelSelector=x',
      'resourceVersion=0',
      'limit=1',
      'name=b',
      'namespace=two',
      'timeoutSeconds=1',
      'path=/',
      'command=x',
      'dryRun=All',
    ),
    { maxLength: 3 },
  )
  .map((options) => (options.length === 0 ? '' : `?${options.join('&')}`));

const METHODS = [
  'HEAD',
  'POST',
  'POST',
  'PUT',
  'PUT',
  'PATCH',
  'PATCH',
  'DELETE',
  'DELETE',
  'OPTIONS',
  'get',
  'LIST',
];
const request = fc
  .record({
    method: often('GET', ...METHODS),
    base,
    other: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, nonResourcePath),
    mutations: fc.array(mutation, { maxLength: 2 }),
    end: fc.constantFrom('', '', '', '/', '//'),
    query,
    bodyName: often('same', 'a', 'c', 'two', undefined),
    bodyNamespace: often('same', 'one', 'two', undefined),
    patch: fc.constantFrom(
      'application/merge-patch+json',
      'application/strategic-merge-patch+json',
      'application/apply-patch+yaml',
    ),
    override: fc.constantFrom(undefined, undefined, undefined, 'DELETE', 'GET'),
    note: fc.nat(1e6),
  })
  .map(({ base: given, other, mutations, end, bodyName, bodyNamespace, ...rest }) => {
    const isCollection = rest.method === 'POST' ? !given.isCollection : given.isCollection;
    const chosen = { ...given, isCollection };
    const same = isCollection ? 'c' : chosen.name;
    return {
      ...rest,
      kind: chosen.kind,
      path: `/${mutations.reduce(mutate, other ?? basePath(chosen)).join('/')}${end}`,
      name: bodyName === 'same' ? same : bodyName,
      namespace: bodyNamespace === 'same' ? chosen.namespace : bodyNamespace,
    };
  });
type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

const isReadMethod = (method: string) => ['GET', 'HEAD', 'OPTIONS', 'get', 'LIST'].includes(method);

function bodyOf({ method, kind, path, name, namespace, note }: Request): object | undefined {
  if (isReadMethod(method) || method === 'DELETE') return undefined;
  const labels = { note: String(note) };
  const made = objectOf(kind, namespace ?? '', name ?? '');
  const { annotations } = made.metadata;
  const isWhole = name !== undefined && (namespace !== undefined || !kind.namespaced);
  const metadata = {
    name,
    ...(kind.namespaced && { namespace }),
    labels,
    ...(isWhole && { annotations }),
  };
  if (path.includes('token')) return { metadata };
  return { ...made, metadata };
}

/** The beginning of the response: all of it, or the initial events of a watch. */
async function answer(url: string, given: Request): Promise<{ status: number; text: string }> {
  const controller = new AbortController();
  const headers: Record<string, string> = given.override ? { 'x-http-method-override': given.override } : {};
  if (given.method === 'PATCH') headers['content-type'] = given.patch;
  const suffix = given.method === 'PATCH' && given.patch.includes('apply') ? 'fieldManager=fuzz' : '';
  const full = suffix === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${suffix}`;
  const body = bodyOf(given);
  const response = await send(server, given.method, full, {
    headers,
    signal: controller.signal,
    ...(body !== undefined && { body }),
  });
  if (response.body instanceof Uint8Array) {
    return { status: response.status, text: Buffer.from(response.body).toString() };
  }
  const chunks: Uint8Array[] = [];
  const timer = setTimeout(() => controller.abort(), WATCH_MS);
  try {
    for await (const chunk of response.body) chunks.push(chunk);
  } catch {
    // Aborted.
  }
  clearTimeout(timer);
  return { status: response.status, text: Buffer.concat(chunks).toString() };
}

const READS = ['get', 'list', 'watch'];
const WRITES: Readonly<Record<string, readonly string[]>> = {
  created: ['create'],
  changed: ['create', 'update', 'patch', 'delete', 'deletecollection'],
  removed: ['delete', 'deletecollection', 'create'],
};

function covers(
  { isResourceRequest, verb, apiGroup, resource, namespace, name }: AuthorizerAttributes,
  [wantedResource, wantedNamespace, wantedName]: readonly string[],
  verbs: readonly string[],
): boolean {
  const isNamespace = resource === 'namespaces' && wantedResource === 'namespaces';
  return (
    isResourceRequest &&
    verbs.includes(verb) &&
    fullName({ resource, group: apiGroup }) === wantedResource &&
    (namespace === '' || namespace === (isNamespace ? wantedName : wantedNamespace)) &&
    (name === '' || name === wantedName)
  );
}

/** Writes in a namespace are authorized for that namespace, and for an object unless it is created or a collection. */
function isPrecise(
  { verb, namespace, name, subresource }: AuthorizerAttributes,
  [, ns]: readonly string[],
): boolean {
  if (ns !== '' && namespace === '') return false;
  return name !== '' || verb === 'deletecollection' || (verb === 'create' && subresource === '');
}

function statusIn(text: string): Record<string, unknown> | undefined {
  return text.startsWith('{"kind":"Status"') ? JSON.parse(text) : undefined;
}

function changes(before: State, after: State): [what: string, key: string][] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key): [string, string][] => {
    if (before.get(key) === after.get(key)) return [];
    return [[!before.has(key) ? 'created' : after.has(key) ? 'changed' : 'removed', key]];
  });
}

test('the server reads and writes only authorized objects', async () => {
  const seen = { told: 0, created: 0, changed: 0, removed: 0, refused: 0 };
  let before = await state();
  await fc.assert(
    fc.asyncProperty(request, async (given) => {
      asked = [];
      const { status, text } = await answer(`${given.path}${given.query}`, given);
      const questions = asked;
      const why = JSON.stringify({ given, status, questions, text: text.slice(0, 300) });
      // Upstream answers a watch path without a resource with a plain 500.
      const isMeant = NO_REQUEST.test(text) || isPlainError({ status, json: statusIn(text) });
      if (!isMeant) expect(status, why).toBeLessThan(500);
      if (status < 300) expect(questions.length, why).toBeGreaterThan(0);
      else seen.refused++;
      const isRead = isReadMethod(given.method);
      const verbs = isRead ? READS : ['create', 'update', 'patch', 'delete', 'deletecollection'];
      for (const [, ...marker] of text.matchAll(MARKER)) {
        // An error that repeats the client's own input discloses nothing.
        if (status >= 300) continue;
        seen.told++;
        expect(
          questions.some((question) => covers(question, marker, verbs)),
          `${marker} told: ${why}`,
        ).toBe(true);
      }
      for (const [signature, paths] of SIGNATURES) {
        if (status >= 300 || !text.includes(signature) || questions[0]?.isResourceRequest) continue;
        expect(questions[0]?.path, why).toMatch(paths);
      }
      const after = isRead && given.override === undefined ? before : await state();
      const found = changes(before, after);
      for (const [what, key] of found) {
        seen[what as 'created']++;
        const parts = key.split('|');
        const asksIt = (question: AuthorizerAttributes) =>
          covers(question, parts, WRITES[what]!) && isPrecise(question, parts);
        expect(questions.some(asksIt), `${what} ${key}: ${why}`).toBe(true);
      }
      if (found.length > 0) {
        await restore();
        before = await state();
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  // The test is only meaningful if many requests succeeded.
  for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThanOrEqual(RUNS / 500);
}, 300_000);
