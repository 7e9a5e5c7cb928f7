import { describe, expect, test } from 'vitest';
import { AuthenticationError, type TokenAuthenticator } from '../../../../shared/authn/authenticator.ts';
import type { Authorizer, AuthorizerAttributes } from '../../../../shared/authz/authorizer.ts';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { StatusError } from '../../../../shared/meta/status-error.ts';
import { SelfSubjectReviewREST } from '../../../../shared/registry/authentication/self-subject-review-rest.ts';
import { TokenReviewREST } from '../../../../shared/registry/authentication/token-review-rest.ts';
import {
  AccessReviewREST,
  LOCAL_SUBJECT_ACCESS_REVIEW,
  SELF_SUBJECT_ACCESS_REVIEW,
  SUBJECT_ACCESS_REVIEW,
} from '../../../../shared/registry/authorization/access-review-rest.ts';
import { SelfSubjectRulesReviewREST } from '../../../../shared/registry/authorization/self-subject-rules-review-rest.ts';
import type { UserInfo } from '../../../../shared/request/user-info.ts';
import type { Creater } from '../../../../shared/rest/rest-storage.ts';
import { testRequestContext } from '../../../fixtures/request-context.ts';

const group = 'authorization.k8s.io';
const anna: UserInfo = { name: 'anna', uid: '7', groups: ['dev'], extra: { 'a/b': ['c'] } };
const accept = async () => {};

async function create(
  storage: Creater,
  object: object,
  namespace = '',
  user = anna,
): Promise<Record<string, unknown>> {
  const context = { ...testRequestContext(namespace), user };
  const options = { dryRun: false };
  return (
    await storage.create(context, { metadata: {}, ...object } as KubeObject, accept, options)
  ).object() as never;
}

const messageOf = async (answer: Promise<unknown>): Promise<string> => {
  try {
    await answer;
  } catch (error) {
    if (error instanceof StatusError) return `${error.status.code} ${error.message}`;
    throw error;
  }
  return expect.fail('it was accepted');
};

/** Records its questions, and allows `get`. */
function recording(): Authorizer & { asked: AuthorizerAttributes[] } {
  const asked: AuthorizerAttributes[] = [];
  return {
    asked,
    async authorize(attributes) {
      asked.push(attributes);
      if (attributes.verb === 'get') return { decision: 'Allow', reason: 'because' };
      if (attributes.verb === 'deny') return { decision: 'Deny', reason: '', error: new Error('hm') };
      return { decision: 'NoOpinion', reason: '' };
    },
  };
}

describe('access reviews', () => {
  const resourceAttributes = {
    verb: 'get',
    group: 'apps',
    resource: 'deployments',
    subresource: 'scale',
    name: 'web',
    namespace: 'shop',
  };
  const subject = { user: 'ben', groups: ['ops'], uid: '8', extra: { k: ['v'] } };
  const sar = (authorizer: Authorizer) =>
    new AccessReviewREST({ group, resource: 'subjectaccessreviews' }, SUBJECT_ACCESS_REVIEW, authorizer);
  const attributes = {
    user: { name: 'ben', uid: '8', groups: ['ops'], extra: { k: ['v'] } },
    isResourceRequest: true,
    verb: 'get',
    namespace: 'shop',
    apiGroup: 'apps',
    apiVersion: '*',
    resource: 'deployments',
    subresource: 'scale',
    name: 'web',
    path: '',
    fieldSelector: undefined,
    labelSelector: undefined,
  };

  test('SubjectAccessReview reviews its subject', async () => {
    const authorizer = recording();
    const review = await create(sar(authorizer), { spec: { ...subject, resourceAttributes } });
    expect(review['status']).toEqual({ allowed: true, reason: 'because' });
    expect(authorizer.asked).toEqual([attributes]);
  });

  test('paths', async () => {
    const authorizer = recording();
    const review = await create(sar(authorizer), {
      spec: { ...subject, nonResourceAttributes: { verb: 'deny', path: '/x' } },
    });
    expect(review['status']).toEqual({ allowed: false, denied: true, evaluationError: 'hm' });
    expect(authorizer.asked).toEqual([
      {
        ...attributes,
        isResourceRequest: false,
        verb: 'deny',
        namespace: '',
        apiGroup: '',
        apiVersion: '',
        resource: '',
        subresource: '',
        name: '',
        path: '/x',
      },
    ]);
  });

  test('SelfSubjectAccessReview reviews the caller', async () => {
    const authorizer = recording();
    const storage = new AccessReviewREST(
      { group, resource: 'selfsubjectaccessreviews' },
      SELF_SUBJECT_ACCESS_REVIEW,
      authorizer,
    );
    const review = await create(storage, { spec: { resourceAttributes: { verb: 'x' } } });
    expect(review['status']).toEqual({ allowed: false });
    expect(authorizer.asked[0]?.user).toEqual(anna);
  });

  test('LocalSubjectAccessReview reviews its namespace only', async () => {
    const storage = new AccessReviewREST(
      { group, resource: 'localsubjectaccessreviews' },
      LOCAL_SUBJECT_ACCESS_REVIEW,
      recording(),
    );
    const spec = { ...subject, resourceAttributes };
    expect((await create(storage, { metadata: { namespace: 'shop' }, spec }, 'shop'))['status']).toEqual({
      allowed: true,
      reason: 'because',
    });
    expect(await messageOf(create(storage, { metadata: { namespace: 'bank' }, spec }, 'bank'))).toBe(
      '422 .authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "shop": must match metadata.namespace',
    );
    expect(await messageOf(create(storage, { metadata: { namespace: 'shop' }, spec }, 'bank'))).toBe(
      '400 spec.resourceAttributes.namespace must match namespace: bank',
    );
    expect(
      await messageOf(
        create(
          storage,
          {
            metadata: { namespace: 'shop' },
            spec: { ...subject, nonResourceAttributes: { verb: 'get', path: '/' } },
          },
          'shop',
        ),
      ),
    ).toContain(
      'spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":"get"}: disallowed on this kind of request',
    );
  });

  test.each([
    [
      'no attributes',
      subject,
      'spec: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    ],
    [
      'resource and non-resource attributes',
      { ...subject, resourceAttributes: {}, nonResourceAttributes: {} },
      'spec: Invalid value: {"Path":"","Verb":""}: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    ],
    [
      'without a subject',
      { resourceAttributes },
      'spec.user: Invalid value: "": at least one of user or group must be specified',
    ],
    [
      'both forms of a selector',
      {
        ...subject,
        resourceAttributes: {
          fieldSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'Exists' }] },
        },
      },
      'spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements',
    ],
    [
      'an empty selector',
      { ...subject, resourceAttributes: { labelSelector: {} } },
      'spec.resourceAttributes.labelSelector.requirements: Required value: when spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required',
    ],
  ])('rejected: %s', async (_name, spec, message) => {
    expect(await messageOf(create(sar(recording()), { spec }))).toBe(
      `422 .authorization.k8s.io "" is invalid: ${message}`,
    );
  });

  test('a name is rejected', async () => {
    const review = { metadata: { name: 'x', managedFields: [] }, spec: { ...subject, resourceAttributes } };
    expect(await messageOf(create(sar(recording()), review))).toContain(
      'metadata: Invalid value: {"name":"x","managedFields":[]}: must be empty',
    );
  });

  test('metadata is printed as by Go: fields in their order, maps by key', async () => {
    const metadata = {
      finalizers: ['f'],
      labels: { b: '2', a: '1' },
      uid: 'u',
      namespace: 'shop',
      name: 'x',
    };
    const review = { metadata, spec: { ...subject, resourceAttributes } };
    expect(await messageOf(create(sar(recording()), review))).toContain(
      'metadata: Invalid value: {"name":"x","namespace":"shop","uid":"u","labels":{"a":"1","b":"2"},"finalizers":["f"]}: must be empty',
    );
  });

  const selectors: [string, object, object, string | undefined][] = [
    [
      'raw',
      {
        fieldSelector: { rawSelector: 'a!=b,spec.nodeName=n1' },
        labelSelector: { rawSelector: 'app in (x,y)' },
      },
      {
        fieldSelector: [
          { key: 'a', operator: '!=', values: ['b'] },
          { key: 'spec.nodeName', operator: '=', values: ['n1'] },
        ],
        labelSelector: [{ key: 'app', operator: 'in', values: ['x', 'y'] }],
      },
      undefined,
    ],
    [
      'requirements',
      {
        fieldSelector: { requirements: [{ key: 'a', operator: 'In', values: ['b'] }] },
        labelSelector: { requirements: [{ key: 'x', operator: 'DoesNotExist' }] },
      },
      {
        fieldSelector: [{ key: 'a', operator: '=', values: ['b'] }],
        labelSelector: [{ key: 'x', operator: '!', values: [] }],
      },
      undefined,
    ],
    [
      'unknown operators are omitted and reported',
      {
        fieldSelector: {
          requirements: [
            { key: 'a', operator: 'In', values: ['b'] },
            { key: 'a', operator: 'Near' },
          ],
        },
        labelSelector: { requirements: [{ key: 'x', operator: 'Near' }] },
      },
      { fieldSelector: [{ key: 'a', operator: '=', values: ['b'] }], labelSelector: undefined },
      'spec.resourceAttributes.fieldSelector partially ignored due to parse error; spec.resourceAttributes.labelSelector ignored due to parse error',
    ],
    [
      'invalid selectors',
      { fieldSelector: { rawSelector: 'a' }, labelSelector: { rawSelector: 'a in (' } },
      { fieldSelector: undefined, labelSelector: undefined },
      'spec.resourceAttributes.fieldSelector ignored due to parse error; spec.resourceAttributes.labelSelector ignored due to parse error',
    ],
    [
      'what no request has room for',
      {
        fieldSelector: { rawSelector: 'a=b,'.repeat(40_000) },
        labelSelector: { rawSelector: 'a,'.repeat(80_000) },
      },
      { fieldSelector: undefined, labelSelector: undefined },
      'spec.resourceAttributes.fieldSelector ignored due to parse error; spec.resourceAttributes.labelSelector ignored due to parse error',
    ],
  ];
  test.each(selectors)('selectors: %s', async (_name, given, asked, evaluationError) => {
    const authorizer = recording();
    const review = await create(sar(authorizer), {
      spec: { ...subject, resourceAttributes: { ...resourceAttributes, ...given } },
    });
    expect(authorizer.asked[0]).toMatchObject(asked);
    expect(review['status']).toEqual({
      allowed: true,
      reason: 'because',
      ...(evaluationError && { evaluationError }),
    });
  });
});

describe('SelfSubjectRulesReview', () => {
  const storage = new SelfSubjectRulesReviewREST(
    { group, resource: 'selfsubjectrulesreviews' },
    {
      rulesFor: async (user, namespace) => ({
        resourceRules: [
          { verbs: ['get'], apiGroups: [''], resources: [`${user.name}-${namespace}`], resourceNames: [] },
        ],
        nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
        incomplete: true,
        error: new Error('hm'),
      }),
    },
  );

  test("lists the caller's rights", async () => {
    expect((await create(storage, { spec: { namespace: 'shop' } }))['status']).toEqual({
      resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['anna-shop'] }],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
      incomplete: true,
      evaluationError: 'hm',
    });
  });

  test('requires a namespace', async () => {
    expect(await messageOf(create(storage, { spec: {} }))).toBe('400 no namespace on request');
  });
});

test('SelfSubjectReview shows the caller', async () => {
  const storage = new SelfSubjectReviewREST({
    group: 'authentication.k8s.io',
    resource: 'selfsubjectreviews',
  });
  expect(await create(storage, {})).toEqual({
    metadata: { creationTimestamp: expect.stringMatching(/^\d{4}-.*Z$/) },
    status: { userInfo: { username: 'anna', uid: '7', groups: ['dev'], extra: { 'a/b': ['c'] } } },
  });
  const unauthenticated: UserInfo = { name: 'x', uid: '', groups: [], extra: {} };
  expect(await create(storage, {}, '', unauthenticated)).toMatchObject({
    status: { userInfo: { username: 'x' } },
  });
});

describe('TokenReview', () => {
  const tokens: TokenAuthenticator = {
    async authenticateToken(token, audiences) {
      if (token === 'bad') throw new AuthenticationError('service account token has expired');
      if (token === 'other') return { user: anna, audiences: ['other'] };
      return token === 'good' ? { user: anna, audiences } : undefined;
    },
  };
  const storage = new TokenReviewREST({ group: 'authentication.k8s.io', resource: 'tokenreviews' }, tokens, [
    'api',
  ]);
  const user = {
    username: 'anna',
    uid: '7',
    groups: ['dev', 'system:authenticated'],
    extra: { 'a/b': ['c'] },
  };
  const review = (token: string, audiences?: string[]) => create(storage, { spec: { token, audiences } });

  test.each([
    ['good', undefined, { authenticated: true, user, audiences: ['api'] }],
    ['good', ['vault'], { authenticated: true, user, audiences: ['vault'] }],
    ['unknown', undefined, { user: {}, error: 'invalid bearer token' }],
    ['bad', undefined, { user: {}, error: '[invalid bearer token, service account token has expired]' }],
  ])('%s for %j', async (token, audiences, status) => {
    expect((await review(token, audiences))['status']).toEqual(status);
  });

  test('an answer for another audience is discarded', async () => {
    expect(await messageOf(review('other'))).toBe(
      '500 Internal error occurred: error validating audience. want=["api"] got=["other"]',
    );
  });

  test('requires a token', async () => {
    expect(await messageOf(review(''))).toBe('400 token is required for TokenReview in authentication');
  });
});
