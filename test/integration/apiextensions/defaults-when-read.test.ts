/** However a custom resource was written, every kind of read returns it with its defaults. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { refusalOf, TestClient } from '../../fixtures/api-client.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import {
  DEFINITIONS,
  definitionManifest,
  GROUP,
  object,
  pathOf,
} from '../../fixtures/apiextensions/manifest.ts';

let server: TestServer;
const client = new TestClient(() => server);

const SPEC: JSONSchemaProps = {
  type: 'object',
  properties: { image: { type: 'string', default: 'busybox' }, replicas: { type: 'integer' } },
};
const STATUS: JSONSchemaProps = {
  type: 'object',
  default: { phase: 'New' },
  properties: {
    phase: { type: 'string' },
    ready: { type: 'boolean', default: false },
    replicas: { type: 'integer' },
  },
};
const SUBRESOURCES = {
  status: {},
  scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
};
const NEW = { phase: 'New', ready: false };

/** With the original definition, and with a changed one, under which all objects are decoded again. */
const KINDS = ['Born', 'Changed'];

beforeAll(async () => {
  server = await startTestServer();
  for (const kind of KINDS) {
    const manifest = definitionManifest(kind, [
      {
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: SPEC, status: STATUS } } },
        subresources: SUBRESOURCES,
      },
    ]);
    expect(refusalOf(await client.create(DEFINITIONS, manifest))).toBe('201');
  }
  const changed = `${DEFINITIONS}/changeds.${GROUP}`;
  const patch = [
    {
      op: 'add',
      path: '/spec/versions/0/additionalPrinterColumns',
      value: [{ name: 'Phase', type: 'string', jsonPath: '.status.phase' }],
    },
  ];
  expect(refusalOf(await send('PATCH', changed, patch, 'application/json-patch+json'))).toBe('200');
});
afterAll(() => server.close());

function send(method: string, url: string, body: unknown, contentType = 'application/json') {
  return call(server, method, url, { body, headers: { 'content-type': contentType } });
}

const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const SCALE = { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 5 } };

interface Way {
  readonly way: string;
  /** Changes an object that has no fields; default: it is created like this. */
  readonly write?: readonly [
    method: string,
    suffix: string,
    body: (kind: string) => object,
    contentType?: string,
  ];
  readonly expected: { spec?: object; status?: object };
}

const WAYS: readonly Way[] = [
  { way: 'create', expected: { status: NEW } },
  {
    way: 'update',
    write: ['PUT', '', (kind) => object(kind, 'update', { spec: {} })],
    expected: { spec: { image: 'busybox' }, status: NEW },
  },
  {
    way: 'merge',
    write: ['PATCH', '', () => ({ spec: { replicas: 1 } }), MERGE],
    expected: { spec: { image: 'busybox', replicas: 1 }, status: NEW },
  },
  {
    way: 'json',
    write: ['PATCH', '', () => [{ op: 'add', path: '/spec', value: {} }], JSON_PATCH],
    expected: { spec: { image: 'busybox' }, status: NEW },
  },
  {
    way: 'apply',
    write: ['PATCH', '?fieldManager=x', (kind) => object(kind, 'apply', { spec: { replicas: 2 } }), APPLY],
    expected: { spec: { image: 'busybox', replicas: 2 }, status: NEW },
  },
  {
    way: 'status-update',
    write: ['PUT', '/status', (kind) => object(kind, 'status-update', { status: { phase: 'Old' } })],
    expected: { status: { phase: 'Old', ready: false } },
  },
  {
    way: 'status-without',
    write: ['PUT', '/status', (kind) => object(kind, 'status-without')],
    expected: { status: NEW },
  },
  {
    way: 'status-merge',
    write: ['PATCH', '/status', () => ({ status: { replicas: 3 } }), MERGE],
    expected: { status: { ...NEW, replicas: 3 } },
  },
  {
    way: 'status-null',
    write: ['PATCH', '/status', () => ({ status: null }), MERGE],
    expected: { status: NEW },
  },
  {
    way: 'status-apply',
    write: [
      'PATCH',
      '/status?fieldManager=x',
      (kind) => object(kind, 'status-apply', { status: { replicas: 4 } }),
      APPLY,
    ],
    expected: { status: { ...NEW, replicas: 4 } },
  },
  {
    way: 'scale-merge',
    write: ['PATCH', '/scale', () => ({ spec: { replicas: 5 } }), MERGE],
    expected: { spec: { image: 'busybox', replicas: 5 }, status: NEW },
  },
  {
    way: 'scale-update',
    write: ['PUT', '/scale', () => ({ ...SCALE, metadata: { name: 'scale-update' } })],
    expected: { spec: { image: 'busybox', replicas: 5 }, status: NEW },
  },
  {
    way: 'labels',
    write: ['PATCH', '', () => ({ metadata: { labels: { a: 'b' } } }), MERGE],
    expected: { status: NEW },
  },
];

const fieldsOf = (json: unknown) => {
  const { spec, status } = json as { spec?: object; status?: object };
  return { ...(spec && { spec }), ...(status && { status }) };
};

describe.each(KINDS)('%s', (kind) => {
  // Each watches its own object for a second.
  test.concurrent.each(WAYS)('$way', async ({ way, write, expected }) => {
    const path = pathOf(kind);
    let answer = await send('POST', path, object(kind, way));
    expect(answer.status).toBe(201);
    if (write !== undefined) {
      expect(fieldsOf(answer.json)).toEqual({ status: NEW });
      const [method, suffix, body, contentType] = write;
      const sent = body(kind) as { metadata?: object };
      if (method === 'PUT')
        sent.metadata = {
          ...sent.metadata,
          resourceVersion: (answer.json as unknown as KubeObject).metadata.resourceVersion,
        };
      answer = await send(method, `${path}/${way}${suffix}`, sent, contentType);
      expect(answer.status).toBe(200);
      if (suffix !== '/scale') expect(fieldsOf(answer.json)).toEqual(expected);
    } else expect(fieldsOf(answer.json)).toEqual(expected);
    const read = await call(server, 'GET', `${path}/${way}`);
    const name = `fieldSelector=metadata.name%3D${way}`;
    const list = await call(server, 'GET', `${path}?${name}`);
    const watch = await call(server, 'GET', `${path}?watch=1&timeoutSeconds=1&${name}`);
    const table = await call(server, 'GET', `${path}/${way}?includeObject=Object`, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    expect({
      get: fieldsOf(read.json),
      list: (list.json as { items: object[] }).items.map(fieldsOf),
      watch: fieldsOf(JSON.parse(watch.text.split('\n')[0]!).object),
      table: fieldsOf((table.json as { rows: { object: object }[] }).rows[0]!.object),
    }).toEqual({ get: expected, list: [expected], watch: expected, table: expected });
  });
});
