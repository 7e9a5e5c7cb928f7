/** Lists joined from items equal those that the serializers write as a whole. */

import { describe, expect, test } from 'vitest';
import {
  formatGroupVersion,
  type GroupVersionKind,
  gvkOf,
} from '../../../../shared/runtime/group-version.ts';
import { NotRegisteredError, type RuntimeObject } from '../../../../shared/runtime/scheme.ts';
import { CodecFactory } from '../../../../shared/runtime/serializer/codec-factory.ts';
import { breathe } from '../../../../shared/util/breathe.ts';
import { kindSchemas } from '../../../fixtures/kind-schemas.ts';
import { allSamples } from '../../../fixtures/samples.ts';

const codecs = new CodecFactory(kindSchemas, ['application/json', 'application/vnd.kubernetes.protobuf']);
const PARTIAL = { group: 'meta.k8s.io', version: 'v1', kind: 'PartialObjectMetadata' };

function isListed(gvk: GroupVersionKind): boolean {
  try {
    return kindSchemas({ ...gvk, kind: `${gvk.kind}List` }) !== undefined;
  } catch (error) {
    if (error instanceof NotRegisteredError) return false;
    throw error;
  }
}

const listOf = (gvk: GroupVersionKind) => ({
  kind: `${gvk.kind}List`,
  apiVersion: formatGroupVersion(gvk),
  metadata: { resourceVersion: '12', continue: 'more', remainingItemCount: 3 },
});

const typed = (gvk: GroupVersionKind, { kind, apiVersion, ...fields }: RuntimeObject): RuntimeObject =>
  ({ kind: gvk.kind, apiVersion: formatGroupVersion(gvk), ...fields }) as RuntimeObject;

const untyped = ({ kind, apiVersion, ...fields }: RuntimeObject) => fields;

describe.each(['application/json', 'application/vnd.kubernetes.protobuf'])('%s', (mediaType) => {
  test('other work runs while a long list is assembled', async () => {
    const { items } = (await codecs.serializerInfo(mediaType))!;
    const seen: string[] = [];
    const item = items!.item({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'a' },
    } as RuntimeObject);
    // Accessing it holds the event loop for long.
    const slow = new Proxy(
      [...Array(1_000).keys()].map(() => item),
      {
        get: (target, key) => {
          if (key === '0') for (const end = performance.now() + 30; performance.now() < end; );
          return Reflect.get(target, key);
        },
      },
    );
    await breathe();
    setImmediate(() => seen.push('somebody else'));
    await items!.list({ ...listOf({ group: '', version: 'v1', kind: 'ConfigMap' }) }, slow);
    seen.push('joined');
    expect(seen).toEqual(['somebody else', 'joined']);
  });

  test.each(allSamples().map((sample) => [sample.kind!, sample] as const))('%s', async (_, sample) => {
    const { serializer, items } = (await codecs.serializerInfo(mediaType))!;
    const gvk = gvkOf(sample);
    const object = typed(gvk, sample as unknown as RuntimeObject);
    const item = items!.item(object);
    expect(items!.single(gvk, item)).toEqual(Buffer.from(serializer.encode(object)));
    if (!isListed(gvk)) return;
    const whole = serializer.encode({
      ...listOf(gvk),
      items: [untyped(object), untyped(object)],
    } as RuntimeObject);
    expect(await items!.list(listOf(gvk), [item, item])).toEqual(Buffer.from(whole));
  });

  test('items with their kind', async () => {
    const { serializer, items } = (await codecs.serializerInfo(mediaType))!;
    const partial = typed(PARTIAL, {
      metadata: { name: 'a', labels: { x: 'ü' } },
    } as unknown as RuntimeObject);
    const whole = serializer.encode({ ...listOf(PARTIAL), items: [partial, partial] } as RuntimeObject);
    const item = items!.item(partial);
    expect(await items!.list(listOf(PARTIAL), [item, item], PARTIAL)).toEqual(Buffer.from(whole));
    const none = serializer.encode({ ...listOf(PARTIAL), items: [] } as unknown as RuntimeObject);
    expect(await items!.list(listOf(PARTIAL), [], PARTIAL)).toEqual(Buffer.from(none));
  });
});
