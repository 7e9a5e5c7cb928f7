/** A server with audit at level RequestResponse, an authorization webhook with match conditions, and OIDC. */

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { startOIDCProvider } from '../../fixtures/oidc-provider.ts';
import {
  type Attack,
  type AttackRequest,
  atOnce,
  filling,
  NAMESPACE,
  repeat,
  requests,
  type Setting,
} from '../attack.ts';

const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const REVIEWS = '/apis/authorization.k8s.io/v1';
const MAX = 3_100_000;
const TOKEN_BYTES = 60_000;

/** Signs tokens of the OIDC provider; set when the server starts. */
let sign: (claims: Record<string, unknown>) => Promise<string>;

async function guarded(folder: string): Promise<Setting> {
  const file = (name: string, content: string | object): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  // The audit webhook never responds; the authorization webhook has no opinion.
  const others = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.url === '/audit') return;
      response.end(
        '{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","status":{"allowed":false}}',
      );
    });
  });
  others.listen(0, '127.0.0.1');
  await once(others, 'listening');
  const { port } = others.address() as AddressInfo;
  const kubeconfig = (name: string) =>
    file(`${name}.kubeconfig`, {
      clusters: [{ name: 'a', cluster: { server: `http://127.0.0.1:${port}/${name}` } }],
      users: [{ name: 'a', user: {} }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      'current-context': 'a',
    });
  const provider = await startOIDCProvider();
  sign = (claims) =>
    new SignJWT({ sub: 'a', ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'provider' })
      .setIssuer(provider.issuer)
      .setAudience('attacked')
      .setExpirationTime('1h')
      .sign(provider.key);
  const policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'RequestResponse' }] };
  const authorization = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthorizationConfiguration',
    authorizers: [
      { type: 'Node', name: 'node' },
      {
        type: 'Webhook',
        name: 'webhook',
        webhook: {
          timeout: '3s',
          authorizedTTL: '1s',
          unauthorizedTTL: '1s',
          subjectAccessReviewVersion: 'v1',
          matchConditionSubjectAccessReviewVersion: 'v1',
          failurePolicy: 'NoOpinion',
          connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: kubeconfig('authorize') },
          matchConditions: [
            { expression: 'request.groups.all(g, request.groups.exists(h, g == h))' },
            { expression: '!request.user.matches("^(x+x+)+y$")' },
          ],
        },
      },
      { type: 'RBAC', name: 'rbac' },
    ],
  };
  const authentication = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: {
          url: provider.issuer,
          audiences: ['attacked'],
          certificateAuthority: provider.certificateAuthority,
        },
        claimMappings: {
          username: { expression: '"oidc:" + claims.sub' },
          groups: { expression: 'claims.?groups.orValue([]).map(g, "oidc:" + string(g))' },
        },
        claimValidationRules: [
          {
            expression: '!has(claims.groups) || claims.groups.all(g, claims.groups.exists(h, g == h))',
            message: 'no',
          },
        ],
        userValidationRules: [
          { expression: 'user.groups.all(g, user.groups.exists(h, g == h))', message: 'no' },
        ],
      },
    ],
  };
  return {
    flags: [
      `--audit-policy-file=${file('policy.json', policy)}`,
      `--audit-log-path=${join(folder, 'audit.log')}`,
      `--audit-webhook-config-file=${kubeconfig('audit')}`,
      `--authorization-config=${file('authorization.json', authorization)}`,
      `--authentication-config=${file('authentication.json', authentication)}`,
    ],
    close: () => {
      provider.close();
      others.closeAllConnections();
      others.close();
    },
  };
}

const asked = (name: string, ...build: readonly (() => AttackRequest)[]): Attack => ({
  ...requests(`guarded: ${name}`, ...build),
  setting: guarded,
});

const map = (name: string, members: string) => `{"metadata":{"name":"${name}"},"data":{${members}}}`;
const clear = (): AttackRequest => ({ method: 'DELETE', path: CONFIG_MAPS, sender: 'clusterAdmin' });

/** Concurrent requests with an OIDC token with the given claims. */
const told = (name: string, count: number, claims: () => Record<string, unknown>): Attack => ({
  name: `guarded: a token of ${name}, ${count} at once`,
  setting: guarded,
  run: async (target) => {
    const token = await sign(claims());
    return atOnce(count, () =>
      target.send({
        path: '/api/v1/pods',
        sender: 'anonymous',
        headers: { authorization: `Bearer ${token}` },
      }),
    );
  },
});

export function guardedAttacks(): Attack[] {
  return [
    asked('a merge patch of 3 MB', () => ({
      path: `${CONFIG_MAPS}/none`,
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: `{"data":{${repeat(90_000, '"k#":"aaaaaaaaaaaaaaaaaaaa"', ',')}}}`,
    })),
    asked('a JSON patch of 3 MB', () => ({
      path: `${CONFIG_MAPS}/none`,
      method: 'PATCH',
      type: 'application/json-patch+json',
      body: `[${repeat(24_000, '{"op":"add","path":"/data/k#","value":"aaaaaaaaaaaaaaaaaaaaaaaaa"}', ',')}]`,
    })),
    asked('a patch of 3 MB that is no JSON', () => ({
      path: `${CONFIG_MAPS}/none`,
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: '['.repeat(90_000),
    })),
    asked(
      'an object of 50,000 keys',
      () => ({ path: CONFIG_MAPS, body: map('keys', repeat(50_000, '"k#":"b"', ',')) }),
      clear,
    ),
    {
      name: 'guarded: 60 ConfigMaps of a megabyte at once, and what nobody takes of them',
      setting: guarded,
      run: (target) =>
        atOnce(60, (i) =>
          target.send({ path: CONFIG_MAPS, body: map(`m-${i}`, `"k":"${'x'.repeat(1_000_000)}"`) }),
        ),
    },
    {
      name: 'guarded: 10 lists of those ConfigMaps at once',
      setting: guarded,
      run: (target) => atOnce(10, () => target.send({ path: CONFIG_MAPS })),
    },
    asked('those ConfigMaps deleted', clear),
    {
      name: 'guarded: 30 ConfigMaps of 50,000 keys at once',
      setting: guarded,
      run: (target) =>
        atOnce(30, (i) =>
          target.send({ path: CONFIG_MAPS, body: map(`k-${i}`, repeat(50_000, '"k#":"b"', ',')) }),
        ),
    },
    {
      name: 'guarded: 10 lists of those keys at once',
      setting: guarded,
      run: (target) => atOnce(10, () => target.send({ path: CONFIG_MAPS })),
    },
    asked('those keys deleted', clear),
    asked('a review of a user of thousands of groups', () => ({
      path: `${REVIEWS}/subjectaccessreviews`,
      sender: 'clusterAdmin',
      body: `{"spec":{"user":"a","groups":[${repeat(20_000, '"g#"', ',')}],"resourceAttributes":{"verb":"get","resource":"pods"}}}`,
    })),
    asked('a review of a user whose name is matched', () => ({
      path: `${REVIEWS}/subjectaccessreviews`,
      sender: 'clusterAdmin',
      body: `{"spec":{"user":"${'x'.repeat(MAX)}","resourceAttributes":{"verb":"get","resource":"pods"}}}`,
    })),
    {
      name: 'guarded: a user impersonated in thousands of groups, 10 at once',
      setting: guarded,
      run: (target) =>
        atOnce(10, () =>
          target.send({
            path: CONFIG_MAPS,
            sender: 'clusterAdmin',
            headers: Object.fromEntries([
              ['impersonate-user', 'a'],
              ['impersonate-group', 'g'.repeat(100_000)],
              ...Array.from({ length: 900 }, (_, i) => [`impersonate-extra-k${i}`, 'v']),
            ]),
          }),
        ),
    },
    told('thousands of groups', 10, () => ({ groups: filling(TOKEN_BYTES / 2, 'g#').split(',') })),
    told('claims within claims', 10, () => ({
      groups: [],
      deep: JSON.parse(`${'['.repeat(900)}${']'.repeat(900)}`),
    })),
  ];
}
