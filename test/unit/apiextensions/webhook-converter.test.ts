import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebhookConverter } from '../../../shared/apiextensions/conversion/webhook-converter.ts';
import type { UnstructuredObject } from '../../../shared/meta/kube-object.ts';
import { WebhookClient } from '../../../shared/rest/webhook-client.ts';
import { startWebhookServer, testAuthority, type WebhookServer } from '../../fixtures/webhook-server.ts';

let webhook: WebhookServer;
beforeAll(async () => {
  webhook = await startWebhookServer(await testAuthority());
});
afterAll(() => webhook.close());

const converter = (conversionReviewVersions: string[] = ['v1']): WebhookConverter =>
  new WebhookConverter(new WebhookClient(), {
    strategy: 'Webhook',
    webhook: {
      clientConfig: { url: `${webhook.url}/convert`, caBundle: webhook.caBundle },
      conversionReviewVersions,
    },
  });

const V2 = 'example.com/v2';
const metadata = (name: string) => ({ name, namespace: 'default', uid: `uid-${name}`, labels: { a: 'b' } });
const thing = (name: string, version = 'v1'): UnstructuredObject =>
  ({
    apiVersion: `example.com/${version}`,
    kind: 'Thing',
    metadata: { ...metadata(name), resourceVersion: '7', finalizers: ['a.b/c'] },
    spec: { size: 1 },
  }) as unknown as UnstructuredObject;

type Objects = readonly Record<string, unknown>[];
const success = (convertedObjects: unknown) => ({ result: { status: 'Success' }, convertedObjects });
/** Responds correctly, except that `change` is applied to the objects. */
function answer(change: (objects: Record<string, unknown>[]) => unknown = (objects) => objects): void {
  webhook.behave(({ request }) => {
    const objects = structuredClone(request['objects'] as Objects).map((one) => ({
      ...one,
      apiVersion: request['desiredAPIVersion'],
    }));
    return success(change(objects));
  });
}

/** One is parsed in one piece, the other in several. */
test.each([1, 100_000])('keeps integers beyond doubles, in objects of %s characters', async (length) => {
  const exact = { ...thing('a'), spec: { size: 2n ** 53n + 1n } };
  const sent: unknown[] = [];
  webhook.behave(({ request }, response) => {
    sent.push(request['desiredAPIVersion']);
    const text = JSON.stringify({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'ConversionReview',
      response: {
        uid: request.uid,
        ...success([{ ...thing('a', 'v2'), spec: { size: 'SIZE', text: 'x'.repeat(length) } }]),
      },
    });
    response.end(text.replace('"SIZE"', '9007199254740993'));
    return undefined;
  });
  const [converted] = await converter().convert([exact as unknown as UnstructuredObject], V2);
  expect(converted?.['spec']).toEqual({ size: 9007199254740993n, text: 'x'.repeat(length) });
  expect(sent).toEqual([V2]);
});

describe('a batch', () => {
  test('is one call for all objects to convert, and keeps their order', async () => {
    answer((objects) => objects.map((one, index) => ({ ...one, spec: { width: index } })));
    const before = webhook.calls.length;
    const objects = [thing('a'), thing('b', 'v2'), thing('c'), thing('d', 'v3')];
    const converted = await converter().convert(objects, V2);
    expect(
      converted.map(({ apiVersion, metadata: { name }, ...rest }) => [apiVersion, name, rest['spec']]),
    ).toEqual([
      [V2, 'a', { width: 0 }],
      [V2, 'b', { size: 1 }],
      [V2, 'c', { width: 1 }],
      [V2, 'd', { width: 2 }],
    ]);
    expect(webhook.calls.length - before).toBe(1);
    expect(webhook.calls.at(-1)?.review).toMatchObject({
      kind: 'ConversionReview',
      apiVersion: 'apiextensions.k8s.io/v1',
      request: { desiredAPIVersion: V2, objects: [thing('a'), thing('c'), thing('d', 'v3')] },
    });
  });

  test('already in the requested version needs no call', async () => {
    const before = webhook.calls.length;
    expect(await converter().convert([thing('a', 'v2')], V2)).toEqual([thing('a', 'v2')]);
    expect(await converter().convert([], V2)).toEqual([]);
    expect(webhook.calls.length).toBe(before);
  });
});

test('keeps all metadata but the labels and annotations of the webhook', async () => {
  answer((objects) =>
    objects.map((one) => ({
      ...one,
      metadata: {
        ...metadata('a'),
        labels: null,
        annotations: { x: 'y' },
        generation: 9,
        ownerReferences: [{}],
      },
    })),
  );
  const [converted] = await converter().convert([thing('a')], V2);
  const { labels: _, ...rest } = metadata('a');
  expect(converted?.metadata).toEqual({
    ...rest,
    annotations: { x: 'y' },
    resourceVersion: '7',
    finalizers: ['a.b/c'],
  });
});

describe('reviews', () => {
  test.each([
    [['v1', 'v1beta1'], 'apiextensions.k8s.io/v1'],
    [['v9', 'v1beta1', 'v1'], 'apiextensions.k8s.io/v1beta1'],
  ])('of versions %j', async (versions, apiVersion) => {
    answer();
    await converter(versions).convert([thing('a')], V2);
    expect(webhook.calls.at(-1)?.review.apiVersion).toBe(apiVersion);
  });

  test('of unknown versions', async () => {
    await expect(converter(['v9']).convert([thing('a')], V2)).rejects.toThrow(
      /^no supported conversion review versions$/,
    );
  });
});

describe('is rejected if it', () => {
  const SUBJECT = 'conversion webhook for example.com/v1, Kind=Thing';
  const failing = async (objects: UnstructuredObject[]): Promise<string> =>
    converter()
      .convert(objects, V2)
      .then(
        () => 'succeeded',
        (error: Error) => error.message,
      );
  const last = (change: object) => (objects: Objects) =>
    objects.map((one, index) => (index === objects.length - 1 ? { ...one, ...change } : one));
  const lastMetadata = (change: object) => (objects: Objects) =>
    objects.map((one, index) =>
      index === objects.length - 1
        ? { ...one, metadata: { ...(one['metadata'] as object), ...change } }
        : one,
    );

  /** The webhook's change of the objects; the message for one object, and for the second of two. */
  test.each<[string, (objects: Objects) => unknown, string, string]>([
    [
      'has an object less',
      (objects) => objects.slice(1),
      'returned 0 objects, expected 1',
      'returned 1 objects, expected 2',
    ],
    [
      'has an object more',
      (objects) => [...objects, ...objects.slice(0, 1)],
      'returned 2 objects, expected 1',
      'returned 3 objects, expected 2',
    ],
    [
      'has another version',
      last({ apiVersion: 'example.com/v1' }),
      'returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)',
      'returned invalid converted object at index 1: invalid groupVersion (expected example.com/v2, received example.com/v1)',
    ],
    [
      'has another kind',
      last({ kind: 'Other' }),
      'returned invalid object at index 0: invalid kind (expected Thing, received Other)',
      'returned invalid converted object at index 1: invalid kind (expected Thing, received Other)',
    ],
    [
      'has another name',
      lastMetadata({ name: 'z' }),
      'returned invalid object: must have the same name: a != z',
      'returned invalid converted object at index 1: must have the same name: b != z',
    ],
    [
      'has another namespace',
      lastMetadata({ namespace: 'z' }),
      'returned invalid object: must have the same namespace: default != z',
      'returned invalid converted object at index 1: must have the same namespace: default != z',
    ],
    [
      'has another uid',
      lastMetadata({ uid: 'z' }),
      'returned invalid object: must have the same UID: uid-a != z',
      'returned invalid converted object at index 1: must have the same UID: uid-b != z',
    ],
    [
      'has invalid labels',
      lastMetadata({ labels: ['x'] }),
      'returned invalid metadata: invalid metadata.labels of type []interface {} in converted object',
      'returned invalid metadata in object at index 1: invalid metadata.labels of type []interface {} in converted object',
    ],
    [
      'has a non-string annotation',
      lastMetadata({ annotations: { x: 1 } }),
      'returned invalid metadata: metadata.annotations[x] must be a string, but is int64 in converted object',
      'returned invalid metadata in object at index 1: metadata.annotations[x] must be a string, but is int64 in converted object',
    ],
  ])('%s', async (_, change, one, two) => {
    answer(change);
    expect(await failing([thing('a')])).toBe(`${SUBJECT} ${one}`);
    expect(await failing([thing('a'), thing('b')])).toBe(`${SUBJECT} ${two}`);
  });

  test('comes in another order', async () => {
    answer((objects) => objects.reverse());
    expect(await failing([thing('a'), thing('b')])).toBe(
      `${SUBJECT} returned invalid converted object at index 0: must have the same name: a != b`,
    );
  });

  test.each<[string, object, string]>([
    ['is a failure', { result: { status: 'Failure', message: 'not today' } }, 'not today'],
    [
      'is a failure without a reason',
      { result: { status: 'Failure' } },
      "response.result.status was 'Failure', not 'Success'",
    ],
    ['is empty', {}, "response.result.status was '', not 'Success'"],
  ])('%s', async (_, response, message) => {
    webhook.behave(() => response as Record<string, unknown>);
    expect(await failing([thing('a')])).toBe(`${SUBJECT} failed: ${message}`);
  });

  test.each<[string, object, string]>([
    ["has another request's uid", { uid: 'x' }, 'expected response.uid="UID", got "x"'],
    [
      'is another kind of review',
      { kind: 'AdmissionReview' },
      'expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got apiextensions.k8s.io/v1, Kind=AdmissionReview',
    ],
    ['has no response', { response: null }, 'no response provided'],
  ])('%s', async (_, change, message) => {
    let asked = '';
    webhook.behave(({ request }, response) => {
      asked = request.uid;
      const { uid = asked, ...rest } = change as { uid?: string };
      const body = { uid, ...success(request['objects']) };
      const review = {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'ConversionReview',
        response: body,
        ...rest,
      };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(review));
      return undefined;
    });
    expect(await failing([thing('a')])).toBe(`${SUBJECT} failed: ${message.replace('UID', asked)}`);
  });
});
