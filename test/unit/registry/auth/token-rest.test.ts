import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, test } from 'vitest';
import type { TokenRequest } from '../../../../shared/apis/authentication/v1/types.ts';
import { parseSigningKey } from '../../../../shared/authn/serviceaccount/keys.ts';
import { ServiceAccountTokenGenerator } from '../../../../shared/authn/serviceaccount/token-generator.ts';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { newNotFound, StatusError } from '../../../../shared/meta/status-error.ts';
import {
  TokenREST,
  type TokenRESTOptions,
} from '../../../../shared/registry/core/serviceaccount/token-rest.ts';
import { type Getter, restObject } from '../../../../shared/rest/rest-storage.ts';
import { testRequestContext } from '../../../fixtures/request-context.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signingKey = parseSigningKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
const now = Date.parse('2026-05-01T12:00:00Z') / 1000;

function getter(resource: string, objects: Record<string, object>): Getter {
  return {
    groupResource: { group: '', resource },
    async get({ requestInfo: { namespace } }, name) {
      const object = objects[namespace === '' ? name : `${namespace}/${name}`];
      if (object === undefined) throw newNotFound({ group: '', resource }, name);
      return restObject(object as KubeObject);
    },
  };
}

const pod = (name: string, serviceAccountName: string, nodeName?: string) => ({
  metadata: { name, namespace: 'ci', uid: `${name}-uid` },
  spec: { serviceAccountName, nodeName },
});
const options: TokenRESTOptions = {
  serviceAccounts: getter('serviceaccounts', {
    'ci/bot': { metadata: { name: 'bot', namespace: 'ci', uid: 'sa-uid' } },
  }),
  pods: getter('pods', {
    'ci/p': pod('p', 'bot'),
    'ci/placed': pod('placed', 'bot', 'n'),
    'ci/lost': pod('lost', 'bot', 'gone'),
    'ci/other': pod('other', 'root'),
  }),
  secrets: getter('secrets', { 'ci/s': { metadata: { name: 's', namespace: 'ci', uid: 's-uid' } } }),
  nodes: getter('nodes', { n: { metadata: { name: 'n', uid: 'n-uid' } } }),
  generator: new ServiceAccountTokenGenerator('https://cluster.example', async () => signingKey),
  apiAudiences: ['api', 'k8s'],
  maxExpirationSeconds: 0,
  extendExpiration: true,
  now: () => now * 1000 + 999,
};

async function request(
  spec: object,
  more: { options?: Partial<TokenRESTOptions>; metadata?: object; name?: string } = {},
) {
  const annotations: Record<string, string> = {};
  const base = testRequestContext('ci');
  const context = {
    ...base,
    audit: {
      ...base.audit,
      addAnnotation: (key: string, value: string) => {
        annotations[key] = value;
      },
    },
  };
  const object = {
    metadata: { ...more.metadata },
    spec: { expirationSeconds: 3600, ...spec },
    status: { token: 'mine' },
  };
  const rest = new TokenREST({ ...options, ...more.options });
  const answer = (
    await rest.createNamed(context, more.name ?? 'bot', object as KubeObject, async () => {})
  ).object() as TokenRequest;
  return { answer, annotations, warnings: context.warnings, claims: decodeJwt(answer.status.token) };
}
const own = { namespace: 'ci', serviceaccount: { name: 'bot', uid: 'sa-uid' } };

describe('serviceaccounts/token', () => {
  test('issues a token for the API server', async () => {
    const { answer, annotations, claims } = await request({});
    expect(answer).toEqual({
      metadata: { name: 'bot', namespace: 'ci', uid: 'sa-uid', creationTimestamp: '2026-05-01T12:00:00Z' },
      spec: { expirationSeconds: 3600, audiences: ['api', 'k8s'] },
      status: { token: answer.status.token, expirationTimestamp: '2026-05-01T13:00:00Z' },
    });
    expect(claims).toEqual({
      iss: 'https://cluster.example',
      sub: 'system:serviceaccount:ci:bot',
      aud: ['api', 'k8s'],
      iat: now,
      nbf: now,
      exp: now + 3600,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'kubernetes.io': own,
    });
    expect(decodeProtectedHeader(answer.status.token)).toEqual({ alg: 'ES256', kid: signingKey.keyID });
    expect(annotations).toEqual({ 'authentication.kubernetes.io/issued-credential-id': `JTI=${claims.jti}` });
  });

  test.each([
    ['a pod', { kind: 'Pod', apiVersion: 'v1', name: 'p' }, { pod: { name: 'p', uid: 'p-uid' } }],
    [
      'a pod on a node',
      { kind: 'Pod', apiVersion: 'v1', name: 'placed', uid: 'placed-uid' },
      { pod: { name: 'placed', uid: 'placed-uid' }, node: { name: 'n', uid: 'n-uid' } },
    ],
    [
      'a pod on a missing node',
      { kind: 'Pod', apiVersion: 'v1', name: 'lost' },
      { pod: { name: 'lost', uid: 'lost-uid' }, node: { name: 'gone' } },
    ],
    ['a secret', { kind: 'Secret', apiVersion: 'v1', name: 's' }, { secret: { name: 's', uid: 's-uid' } }],
    ['a node', { kind: 'Node', apiVersion: 'v1', name: 'n' }, { node: { name: 'n', uid: 'n-uid' } }],
  ])('binds to %s', async (_name, boundObjectRef, binding) => {
    expect((await request({ boundObjectRef })).claims['kubernetes.io']).toEqual({ ...own, ...binding });
  });

  test('tokens injected by the kubelet are valid for a year', async () => {
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'p' };
    const { answer, claims } = await request({ expirationSeconds: 3607, boundObjectRef });
    expect(claims).toMatchObject({ exp: now + 31536000, 'kubernetes.io': { warnafter: now + 3607 } });
    expect(answer.status.expirationTimestamp).toBe('2026-05-01T13:00:07Z');
    expect((await request({ expirationSeconds: 3607 })).claims.exp).toBe(now + 3607);
    expect(
      (await request({ expirationSeconds: 3607, boundObjectRef, audiences: ['vault'] })).claims.exp,
    ).toBe(now + 3607);
    const off = { options: { extendExpiration: false } };
    expect((await request({ expirationSeconds: 3607, boundObjectRef }, off)).claims.exp).toBe(now + 3607);
  });

  test('a limit shortens the lifetime, with a warning', async () => {
    const { claims, warnings } = await request(
      { expirationSeconds: 7200 },
      { options: { maxExpirationSeconds: 3600 } },
    );
    expect(claims.exp).toBe(now + 3600);
    expect(warnings).toEqual(['requested expiration of 7200 seconds shortened to 3600 seconds']);
  });

  const kind = 'TokenRequest.authentication.k8s.io';
  const HOOK = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    name: 'hook',
  };
  test.each([
    [
      { expirationSeconds: 599 },
      {},
      `422 ${kind} "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes`,
    ],
    [
      { expirationSeconds: 2 ** 32 + 1 },
      {},
      `422 ${kind} "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds`,
    ],
    [
      {},
      { metadata: { name: 'root' } },
      `422 ${kind} "bot" is invalid: metadata.name: Invalid value: "root": must match the service account name if specified`,
    ],
    [
      {},
      { metadata: { namespace: 'kube-system' } },
      `422 ${kind} "bot" is invalid: metadata.namespace: Invalid value: "kube-system": must match the service account namespace if specified`,
    ],
    [{}, { name: 'nobody' }, '404 serviceaccounts "nobody" not found'],
    [
      {},
      { metadata: { uid: 'another' } },
      `409 Operation cannot be fulfilled on ${kind} "bot": the UID in the token request (another) does not match the UID of the service account (sa-uid)`,
    ],
    [
      { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'other' } },
      {},
      '400 cannot bind token for serviceaccount "bot" to pod running with different serviceaccount name.',
    ],
    [{ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'x' } }, {}, '404 pods "x" not found'],
    [
      { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'x' } },
      {},
      '400 cannot bind token to object of type /v1, Kind=ConfigMap',
    ],
    [
      { boundObjectRef: { kind: 'constructor', apiVersion: 'v1', name: 'x' } },
      {},
      '400 cannot bind token to object of type /v1, Kind=constructor',
    ],
    [
      { boundObjectRef: { kind: 'Pod', apiVersion: 'apps/v1', name: 'p' } },
      {},
      '400 cannot bind token to object of type apps/v1, Kind=Pod',
    ],
    [
      { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 's', uid: 'x' } },
      {},
      '409 Operation cannot be fulfilled on Secret "s": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
    ],
    [
      { attestations: { a: ['x'] }, expirationSeconds: 1 },
      {},
      `422 ${kind} "" is invalid: spec.attestations: Invalid value: {"a":["x"]}: attestations may only be specified with a webhook bound object reference`,
    ],
    [
      { boundObjectRef: HOOK, audiences: ['a', 'b'] },
      {},
      `422 ${kind} "" is invalid: [spec.audiences: Invalid value: ["a","b"]: must be length 1 when bound to a webhook config, spec.attestations: Invalid value: null: webhook bound requests require exactly one admissionReviewAPIGroups attestation]`,
    ],
    [
      { boundObjectRef: HOOK, audiences: ['a'], attestations: { other: ['x'] } },
      {},
      `422 ${kind} "" is invalid: spec.attestations[other]: Unsupported value: "other": supported values: "admissionReviewAPIGroups"`,
    ],
    [
      { boundObjectRef: HOOK, audiences: ['a'], attestations: { admissionReviewAPIGroups: ['a', 'b'] } },
      {},
      `422 ${kind} "" is invalid: spec.attestations[admissionReviewAPIGroups]: Invalid value: ["a","b"]: must specify a single value`,
    ],
    [
      { boundObjectRef: HOOK, audiences: ['a'], attestations: { admissionReviewAPIGroups: [''] } },
      {},
      `422 ${kind} "" is invalid: spec.attestations[admissionReviewAPIGroups][0]: Invalid value: "": may not be an empty string`,
    ],
    [
      { boundObjectRef: HOOK, audiences: ['a'], attestations: { admissionReviewAPIGroups: ['*'] } },
      {},
      '400 cannot bind token to object of type admissionregistration.k8s.io/v1, Kind=ValidatingWebhookConfiguration (feature gate APIServerWebhookAuthenticationToken is disabled)',
    ],
  ])('rejects %j %j', async (spec, more, message) => {
    const error = await request(spec, more).then(
      () => expect.fail('issued'),
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(StatusError);
    expect(`${(error as StatusError).status.code} ${(error as StatusError).message}`).toBe(message);
  });
});
