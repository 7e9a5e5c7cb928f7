/**
 * The managers of replicas in the scale and in its parent
 * (https://github.com/kubernetes/kubernetes/blob/master/test/integration/apiserver/apply/scale_test.go).
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ManagedFieldsEntry } from '../../../shared/meta/v1/types.ts';
import { call, startTestServer, type TestAnswer, type TestServer } from '../../fixtures/api-server.ts';

const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const labels = { app: 'scaled' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const selector = { matchLabels: labels };
const SCALED = [
  { path: 'apps/v1', resource: 'deployments', kind: 'Deployment', spec: { selector, template } },
  { path: 'apps/v1', resource: 'replicasets', kind: 'ReplicaSet', spec: { selector, template } },
  {
    path: 'apps/v1',
    resource: 'statefulsets',
    kind: 'StatefulSet',
    spec: { selector, template, serviceName: 's' },
  },
  { path: 'v1', resource: 'replicationcontrollers', kind: 'ReplicationController', spec: { template } },
];

describe.each(SCALED)('$resource', ({ path, resource, kind, spec }) => {
  const url = `/${path === 'v1' ? 'api' : 'apis'}/${path}/namespaces/default/${resource}`;
  const apiVersion = path;
  const owned = { 'f:spec': { 'f:replicas': {} } };

  const patch = (target: string, type: string, body: object, query: string): Promise<TestAnswer> =>
    call(server, 'PATCH', `${url}/${target}?${query}`, { body, headers: { 'content-type': type } });

  /** Managers of the parent's replicas, as `name/operation[/subresource]`. */
  async function managers(name: string): Promise<string[]> {
    const { json } = await call(server, 'GET', `${url}/${name}`);
    const { managedFields } = json!['metadata'] as { managedFields: ManagedFieldsEntry[] };
    return managedFields
      .filter(({ fieldsV1 }) => (fieldsV1 as typeof owned)['f:spec']?.['f:replicas'] !== undefined)
      .map((entry) => {
        expect(entry.apiVersion).toBe(apiVersion);
        return [entry.manager, entry.operation, entry.subresource].filter(Boolean).join('/');
      });
  }

  const scale = (name: string, replicas: number) => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name },
    spec: { replicas },
  });

  test('the manager that sets the replicas owns them, through either resource', async () => {
    const object = { apiVersion, kind, metadata: { name: 'a' }, spec: { ...spec, replicas: 1 } };
    const applied = await patch('a', APPLY, object, 'fieldManager=applier');
    expect(applied.status, applied.text).toBe(201);
    expect(await managers('a')).toEqual(['applier/Apply']);

    await patch('a', MERGE, { spec: { replicas: 5 } }, 'fieldManager=patcher');
    expect(await managers('a')).toEqual(['patcher/Update']);

    const scaled = await patch('a/scale', MERGE, { spec: { replicas: 6 } }, 'fieldManager=scaler');
    expect(scaled.json).toMatchObject({ kind: 'Scale', spec: { replicas: 6 } });
    expect(scaled.json!['metadata']).not.toHaveProperty('managedFields');
    expect(await managers('a')).toEqual(['scaler/Update/scale']);

    await patch('a', MERGE, { spec: { replicas: 7 } }, 'fieldManager=patcher');
    expect(await managers('a')).toEqual(['patcher/Update']);

    await call(server, 'PUT', `${url}/a/scale?fieldManager=replacer`, { body: scale('a', 8) });
    expect(await managers('a')).toEqual(['replacer/Update/scale']);
  });

  test('an apply to the scale conflicts with the managers of the parent', async () => {
    const object = { apiVersion, kind, metadata: { name: 'b' }, spec: { ...spec, replicas: 1 } };
    await patch('b', APPLY, object, 'fieldManager=applier');

    const refused = await patch('b/scale', APPLY, scale('b', 17), 'fieldManager=scaler');
    expect(refused).toMatchObject({
      status: 409,
      json: {
        message: 'Apply failed with 1 conflict: conflict with "applier": .spec.replicas',
        details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas' }] },
      },
    });

    const forced = await patch('b/scale', APPLY, scale('b', 17), 'fieldManager=scaler&force=true');
    expect(forced).toMatchObject({ status: 200, json: { spec: { replicas: 17 } } });
    expect(await managers('b')).toEqual(['scaler/Apply/scale']);

    const again = await patch('b', APPLY, object, 'fieldManager=applier');
    expect(again).toMatchObject({
      status: 409,
      json: {
        message: `Apply failed with 1 conflict: conflict with "scaler" with subresource "scale": .spec.replicas`,
      },
    });

    const shared = { ...object, spec: { ...object.spec, replicas: 17 } };
    await patch('b', APPLY, shared, 'fieldManager=applier');
    expect((await managers('b')).sort()).toEqual(['applier/Apply', 'scaler/Apply/scale']);
  });

  test('scaling a missing object creates nothing', async () => {
    const missing = await patch('missing/scale', APPLY, scale('missing', 1), 'fieldManager=scaler');
    expect(missing).toMatchObject({ status: 404, json: { reason: 'NotFound' } });
  });
});
