/** Requests of the server's own client. */

import { expect, test } from 'vitest';
import { ChainLoopbackClient } from '../../../shared/endpoints/routing/chain-loopback-client.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import type { ApiRequest } from '../../../shared/request/api-request.ts';
import type { LoopbackClient } from '../../../shared/rest/resource-access.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const ROLES = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' };
const POD: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default' } };
const WEB = '/api/v1/namespaces/default/pods/web';
const IN = { namespace: 'default', name: 'web' };

const CALLS: [string, (client: LoopbackClient) => Promise<unknown>, string, unknown?][] = [
  ['get', (client) => client.get(PODS, IN), `GET ${WEB}`],
  [
    'get of a subresource',
    (client) => client.get(PODS, { ...IN, subresource: 'status' }),
    `GET ${WEB}/status`,
  ],
  [
    'list in all namespaces',
    (client) => client.list(PODS, { labelSelector: 'a=b', fieldSelector: 'spec.nodeName=n' }),
    'GET /api/v1/pods?labelSelector=a%3Db&fieldSelector=spec.nodeName%3Dn',
  ],
  ['list without options', (client) => client.list(ROLES), `GET /apis/${ROLES.group}/v1/clusterroles`],
  [
    'create in the namespace of the object',
    (client) => client.create(PODS, POD, { name: 'ignored', dryRun: true, fieldManager: 'me' }),
    'POST /api/v1/namespaces/default/pods?dryRun=All&fieldManager=me',
    POD,
  ],
  [
    'create of a subresource',
    (client) => client.create(PODS, POD, { subresource: 'eviction' }),
    `POST ${WEB}/eviction`,
    POD,
  ],
  [
    'update',
    (client) => client.update(PODS, POD, { subresource: 'status', dryRun: true, fieldManager: 'me' }),
    `PUT ${WEB}/status?dryRun=All&fieldManager=me`,
    POD,
  ],
  ['merge patch', (client) => client.patch(PODS, { a: 1 }, IN), `PATCH ${WEB} merge-patch+json`, { a: 1 }],
  [
    'apply',
    (client) =>
      client.patch(PODS, POD, {
        ...IN,
        patchType: 'application/apply-patch+yaml',
        force: true,
        fieldManager: 'me',
        dryRun: true,
      }),
    `PATCH ${WEB}?dryRun=All&fieldManager=me&force=true apply-patch+yaml`,
    POD,
  ],
  [
    'delete',
    (client) => client.delete(PODS, IN),
    `DELETE ${WEB}`,
    { kind: 'DeleteOptions', apiVersion: 'v1' },
  ],
  [
    'delete with all options',
    (client) =>
      client.delete(PODS, {
        ...IN,
        dryRun: true,
        gracePeriodSeconds: 0,
        propagationPolicy: 'Foreground',
        preconditions: { uid: 'u', resourceVersion: '7' },
      }),
    `DELETE ${WEB}`,
    {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      dryRun: ['All'],
      gracePeriodSeconds: 0,
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'u', resourceVersion: '7' },
    },
  ],
];

test.each(CALLS)('%s', async (_name, call, line, body) => {
  const sent: ApiRequest[] = [];
  const client = new ChainLoopbackClient(async ({ request }) => {
    sent.push(request);
    return { status: 200, headers: {}, body: Buffer.from('{"items":[]}') };
  });
  await call(client);
  const requests = sent.map(({ method, path, query, headers, body }) => {
    const patchType = method === 'PATCH' ? ` ${headers.get('content-type')?.[0]?.split('/')[1]}` : '';
    const text = Buffer.from(body).toString();
    return {
      line: `${method} ${path}${query.size === 0 ? '' : `?${query}`}${patchType}`,
      body: text === '' ? undefined : JSON.parse(text),
    };
  });
  expect(requests).toEqual([{ line, body }]);
});
