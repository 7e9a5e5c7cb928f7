/** Custom resources of the maximum size, in every operation on them: pruning, defaulting, merging, conversion. */

import { startWebhookServer, testAuthority } from '../../fixtures/webhook-server.ts';
import { type Attack, type AttackRequest, filling, until } from '../attack.ts';
import type { Target } from '../target.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = '/apis/large.example';
const LARGES = `${GROUP}/v1/larges`;
const LARGE = `${LARGES}/a`;
const MAX = 3_100_000;
/** Slightly less than the maximum size of a stored object, in bytes. */
const STORED = 1_300_000;

const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

type Schema = Record<string, unknown>;

const text: Schema = { type: 'string' };
const object = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });
const listOf = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more });
const open: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const named = (more: Schema = {}): Schema =>
  listOf(
    { ...object({ name: text, ...more }), required: ['name'] },
    { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
  );

interface Definition {
  readonly spec: Schema;
  /** A second version with its own schema. */
  readonly v2?: Schema;
  readonly conversion?: object;
  readonly columns?: readonly object[];
}

function definition({ spec, v2, conversion, columns = [] }: Definition): string {
  const subresources = {
    status: {},
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
  };
  const version = (name: string, schema: Schema) => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: { openAPIV3Schema: object({ spec: schema, status: open }) },
    subresources,
    ...(columns.length > 0 && { additionalPrinterColumns: columns }),
  });
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'larges.large.example' },
    spec: {
      group: 'large.example',
      scope: 'Cluster',
      names: { plural: 'larges', kind: 'Large' },
      versions: [version('v1', spec), ...(v2 === undefined ? [] : [version('v2', v2)])],
      ...(conversion && { conversion }),
    },
  });
}

/** `members`: JSON of the spec's members; `more`: of the metadata's, beginning with a comma. */
const large = (members: string, more = '', version = 'v1') =>
  `{"apiVersion":"large.example/${version}","kind":"Large","metadata":{"name":"a"${more}},"spec":{${members}}}`;

const asAdmin = (request: AttackRequest): AttackRequest => ({ sender: 'clusterAdmin', ...request });

/** Creates the definition, runs `act` once it is served, and deletes it. */
async function withDefinition(
  target: Target,
  body: string,
  act: (send: (request: AttackRequest) => Promise<void>) => Promise<void>,
): Promise<string> {
  const answers = [await target.send(asAdmin({ path: DEFINITIONS, body }))];
  await until(target, `${LARGES}?limit=1`, '200');
  await act(async (request) => {
    answers.push(await target.send(asAdmin(request)));
  });
  await target.send(asAdmin({ method: 'DELETE', path: `${DEFINITIONS}/larges.large.example` }));
  await until(target, `${DEFINITIONS}/larges.large.example`, '404');
  return answers.join(' ');
}

function ofDefinition(name: string, what: Definition, ...requests: readonly (() => AttackRequest)[]): Attack {
  return {
    name: `customs: ${name}`,
    run: (target) =>
      withDefinition(target, definition(what), async (send) => {
        for (const request of requests) await send(request());
      }),
  };
}

const create = (members: () => string, more?: () => string) => (): AttackRequest => ({
  path: LARGES,
  body: large(members(), more?.()),
});
/** An update of a custom resource requires its resourceVersion; a patch does not. */
const update = (members: () => string) => (): AttackRequest => ({
  path: LARGE,
  method: 'PATCH',
  type: 'application/json-patch+json',
  body: `[{"op":"replace","path":"/spec","value":{${members()}}}]`,
});
const apply =
  (manager: string, members: () => string, path = LARGE) =>
  (): AttackRequest => ({
    path: `${path}?fieldManager=${manager}&force=true`,
    method: 'PATCH',
    type: APPLY,
    body: large(members(), '', path === LARGE ? 'v1' : 'v2'),
  });
const merge =
  (body: () => string, path = LARGE) =>
  (): AttackRequest => ({
    path,
    method: 'PATCH',
    type: MERGE,
    body: body(),
  });
const get =
  (path: string, headers = {}) =>
  (): AttackRequest => ({ path, headers });

const ITEMS = (size: number, value = 'x') => `"list":[${filling(size, `{"name":"n#","a":"${value}"}`)}]`;
const TEXTS = (size: number) => `"list":[${filling(size, '"t#"')}]`;
const MAP = (size: number, value = 'x') => `"map":{${filling(size, `"k#":"${value}"`)}}`;
const ENTRY =
  '{"manager":"m#","operation":"Update","apiVersion":"large.example/v1","time":"2020-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:k":{}}}}';

const items = object({ list: named({ a: text, b: { type: 'string', default: 'b' } }) });
const map = object({ map: { type: 'object', additionalProperties: text }, replicas: { type: 'integer' } });

interface ConversionRequest {
  readonly objects: readonly { readonly spec: object }[];
  readonly desiredAPIVersion: string;
}

interface Converted {
  /** Number of objects, and size of each. */
  readonly count: number;
  readonly size: number;
  /** Number of concurrent requests, and what each is; default: one list. */
  readonly atOnce?: number;
  readonly request?: (i: number) => AttackRequest;
}

const V2_LARGES = `${GROUP}/v2/larges`;

/** A webhook that converts by changing the version of each object, and returns the spec as modified by `grown`. */
function converted(
  name: string,
  grown: (spec: object) => object,
  { count, size, atOnce: requests = 1, request = () => ({ path: V2_LARGES }) }: Converted,
): Attack {
  return {
    name: `customs: ${name}`,
    run: async (target) => {
      const webhook = await startWebhookServer(await testAuthority());
      webhook.behave(({ request }) => {
        const { objects, desiredAPIVersion: apiVersion } = request as unknown as ConversionRequest;
        const convertedObjects = objects.map((object) => ({
          ...object,
          apiVersion,
          spec: grown(object.spec),
        }));
        return { convertedObjects, result: { status: 'Success' } };
      });
      const clientConfig = { url: `${webhook.url}/convert`, caBundle: webhook.caBundle };
      const conversion = {
        strategy: 'Webhook',
        webhook: { clientConfig, conversionReviewVersions: ['v1'] },
      };
      const answers = await withDefinition(
        target,
        definition({ spec: open, v2: open, conversion }),
        async (send) => {
          for (let i = 0; i < count; i++) {
            await send({ path: LARGES, body: large(MAP(size)).replace('"name":"a"', `"name":"a${i}"`) });
          }
          await Promise.all(Array.from({ length: requests }, (_, i) => send(request(i))));
          await send({ path: `${GROUP}/v2/larges/a0` });
          await send(merge(() => '{"metadata":{"labels":{"a":"b"}}}', `${GROUP}/v2/larges/a0`)());
          await send(apply('other', () => MAP(1_000), `${GROUP}/v2/larges/a0`)());
        },
      );
      await webhook.close();
      return answers;
    },
  };
}

export function customResourceAttacks(): Attack[] {
  return [
    ofDefinition(
      'unknown fields of the largest body, which are pruned',
      { spec: object({ known: text }) },
      create(() => filling(MAX, '"k#":0')),
      update(() => filling(MAX, '"k#":{}')),
    ),
    ofDefinition(
      'items of unknown fields, which are pruned',
      { spec: object({ list: listOf(object({ a: text })) }) },
      create(() => `"list":[${filling(STORED, '{"b":0}')}]`),
      merge(() => `{"spec":{"list":[${filling(STORED, '{"c":0}')}]}}`),
    ),
    ofDefinition(
      'defaults of each of many items',
      {
        spec: object({
          list: listOf(
            object(
              Object.fromEntries(
                Array.from({ length: 9 }, (_, i) => [`d${i}`, { type: 'string', default: 'x' }]),
              ),
            ),
          ),
        }),
      },
      create(() => `"list":[${filling(45_000, '{}')}]`),
      create(() => `"list":[${filling(MAX, '{}')}]`),
      get(LARGES),
    ),
    ofDefinition(
      'items with keys, created, updated, applied, patched',
      { spec: items },
      create(() => ITEMS(STORED / 3)),
      update(() => ITEMS(STORED / 3, 'y')),
      apply('other', () => ITEMS(STORED / 3, 'z')),
      apply('other', () => ITEMS(STORED / 6, 'z')),
      merge(() => `{"spec":{${ITEMS(STORED / 3, 'w')}}}`),
      get(LARGE),
    ),
    ofDefinition(
      'a set of texts, created, updated, applied',
      { spec: object({ list: listOf(text, { 'x-kubernetes-list-type': 'set' }) }) },
      create(() => TEXTS(STORED / 3)),
      update(() => TEXTS(STORED / 4)),
      apply('other', () => TEXTS(STORED / 3)),
      apply('other', () => TEXTS(STORED / 5)),
    ),
    ofDefinition(
      'keys of a map, created, updated, applied, scaled',
      { spec: map },
      create(() => `"replicas":1,${MAP(STORED / 2)}`),
      update(() => `"replicas":2,${MAP(STORED / 2, 'y')}`),
      apply('other', () => MAP(STORED / 3, 'z')),
      merge(() => '{"spec":{"replicas":3}}', `${LARGE}/scale`),
      merge(() => '{"status":{"replicas":3}}', `${LARGE}/status`),
      get(`${LARGE}/scale`),
    ),
    ofDefinition(
      'an open object, created, updated, applied',
      { spec: open },
      create(() => MAP(STORED / 2)),
      update(() => MAP(STORED / 2, 'y')),
      apply('other', () => MAP(STORED / 2, 'z')),
      apply('other', () => MAP(STORED / 4, 'z')),
    ),
    ofDefinition(
      'the largest body of items, and all that fits',
      { spec: items },
      create(() => ITEMS(MAX)),
      create(() => `"list":[${filling(STORED / 2, '{"name":"n#"}')}]`),
      apply('other', () => ITEMS(MAX)),
    ),
    ofDefinition(
      'managers in the body',
      { spec: open },
      create(
        () => '"k":0',
        () => `,"managedFields":[${filling(STORED, ENTRY)}]`,
      ),
      create(() => '"k":0'),
      merge(() => `{"metadata":{"managedFields":[${filling(STORED, ENTRY)}]}}`),
      merge(
        () =>
          `{"metadata":{"managedFields":[{"manager":"m","operation":"Apply","apiVersion":"large.example/v1","time":"2020-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{${filling(STORED, '"f:k#":{}')}}}}]}}`,
      ),
      apply('m', () => '"k":2'),
    ),
    {
      name: 'customs: 12 managers of thousands of items each',
      run: (target) =>
        withDefinition(target, definition({ spec: items }), async (send) => {
          for (let i = 0; i < 12; i++) await send(apply(`m${i}`, () => ITEMS(60_000))());
          await send(merge(() => `{"spec":{${ITEMS(60_000, 'y')}}}`)());
          await send(merge(() => '{"spec":{"list":null}}')());
        }),
    },
    ofDefinition(
      'versions with schemas of their own',
      { spec: items, v2: object({ list: named({ a: text, c: { type: 'string', default: 'c' } }) }) },
      create(() => ITEMS(STORED / 4)),
      apply('other', () => ITEMS(STORED / 4, 'z'), `${GROUP}/v2/larges/a`),
      apply('mine', () => ITEMS(STORED / 4, 'z')),
      get(`${GROUP}/v2/larges/a`),
      get(`${GROUP}/v2/larges`),
    ),
    ofDefinition(
      'an object of many keys in every form',
      { spec: open },
      create(() => MAP(STORED)),
      get(LARGES, { accept: 'application/yaml' }),
      get(LARGES, { accept: 'application/cbor' }),
      get(LARGES, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }),
      get(LARGES, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
      get(`${LARGES}?pretty=true`),
      get(LARGE, { accept: 'application/yaml' }),
      get(`${LARGE}?pretty=true`),
      get(`${LARGES}?watch=1&timeoutSeconds=1`),
    ),
    ofDefinition(
      'a column of all of a large object',
      { spec: open, columns: [{ name: 'C', type: 'string', jsonPath: '.spec' }] },
      create(() => MAP(STORED / 2)),
      get(LARGES, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
    ),
    converted('a webhook that converts ten objects of many keys', (spec) => spec, {
      count: 10,
      size: STORED / 2,
    }),
    converted('twenty lists at once that a webhook converts', (spec) => ({ ...spec, more: 1 }), {
      count: 10,
      size: STORED / 2,
      atOnce: 20,
    }),
    converted('ten lists by label that a webhook converts', (spec) => ({ ...spec, more: 1 }), {
      count: 10,
      size: STORED / 2,
      atOnce: 10,
      request: () => ({ path: `${V2_LARGES}?labelSelector=!a` }),
    }),
    converted('ten tables at once that a webhook converts', (spec) => spec, {
      count: 10,
      size: STORED / 2,
      atOnce: 10,
      request: () => ({
        path: V2_LARGES,
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      }),
    }),
    converted('forty patches at once that a webhook converts twice', (spec) => spec, {
      count: 4,
      size: STORED / 2,
      atOnce: 40,
      request: (i) => merge(() => `{"metadata":{"labels":{"a":"b${i}"}}}`, `${V2_LARGES}/a${i % 4}`)(),
    }),
    converted('twenty deletions of all at once, for show, that a webhook converts', (spec) => spec, {
      count: 6,
      size: STORED / 2,
      atOnce: 20,
      request: () => ({ path: `${V2_LARGES}?dryRun=All`, method: 'DELETE' }),
    }),
    converted('a webhook that adds 20 MB to each', (spec) => ({ ...spec, more: 'x'.repeat(20_000_000) }), {
      count: 4,
      size: 1_000,
      atOnce: 20,
    }),
    converted('a webhook that makes them larger', (spec) => ({ ...spec, more: [spec, spec] }), {
      count: 2,
      size: STORED / 2,
    }),
  ];
}
