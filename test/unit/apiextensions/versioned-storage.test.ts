import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConversionMemory } from '../../../shared/apiextensions/conversion/conversions-in-flight.ts';
import type {
  CustomResourceConverter,
  RemoteConverter,
} from '../../../shared/apiextensions/conversion/converter.ts';
import { nopConverter } from '../../../shared/apiextensions/conversion/converter.ts';
import { CustomResourceAttributes } from '../../../shared/apiextensions/registry/customresource/custom-resource-attributes.ts';
import { customResourceCodec } from '../../../shared/apiextensions/registry/customresource/custom-resource-codec.ts';
import { VersionedStorage } from '../../../shared/apiextensions/registry/customresource/versioned-storage.ts';
import { ObjectMetaCoercer } from '../../../shared/apiextensions/schema/object-meta.ts';
import { newStructural } from '../../../shared/apiextensions/schema/structural.ts';
import { DefinitionFollower } from '../../../shared/apiextensions/serving/definition-follower.ts';
import { DefinitionLifetime } from '../../../shared/apiextensions/serving/definition-lifetime.ts';
import { ResourceForm } from '../../../shared/apiextensions/serving/resource-form.ts';
import type { Definition } from '../../../shared/apis/apiextensions/definition.ts';
import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';
import { builtinTypeTables } from '../../../shared/apis/type-tables.ts';
import type { UnstructuredObject } from '../../../shared/meta/kube-object.ts';
import type { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { newStorageMemory } from '../../../shared/storage/dynamodb/storage-memory.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

const specOf = (properties: Record<string, JSONSchemaProps>): JSONSchemaProps => ({
  type: 'object',
  properties: { spec: { type: 'object', properties } },
});
const integer = { type: 'integer' };
const V1 = specOf({ size: integer, both: { type: 'string', default: 'd' } });
const V2 = specOf({ width: integer, both: { type: 'string' } });

/** Converts `size` of v1 to `width` of v2 and back; records its calls, and fails on demand. */
class Renaming implements RemoteConverter {
  readonly remote = true;
  calls: string[][] = [];
  failure: string | undefined;
  /** Sizes reserved. */
  reserved: number[] = [];

  reserve<T>(bytes: number, work: (memory: ConversionMemory) => Promise<T>): Promise<T> {
    this.reserved.push(bytes);
    return work({ received: () => undefined });
  }

  async convert(objects: readonly UnstructuredObject[], apiVersion: string): Promise<UnstructuredObject[]> {
    this.calls.push(objects.map(({ metadata }) => metadata.name!));
    if (this.failure !== undefined) throw new Error(this.failure);
    return objects.map((object) => {
      const { size, width, ...spec } = object['spec'] as Record<string, unknown>;
      const renamed = apiVersion.endsWith('v2') ? { width: size ?? width } : { size: size ?? width };
      return { ...object, apiVersion, spec: { ...spec, ...renamed, unknown: 1 } } as UnstructuredObject;
    });
  }
}

let factory: DynamoDBStorageFactory;
let objectMeta: ObjectMetaCoercer;
let resources = 0;
beforeAll(async () => {
  factory = await newTestStorageFactory();
  const tables = builtinTypeTables();
  objectMeta = new ObjectMetaCoercer(tables.schema('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'));
});
afterAll(() => factory.close());

const thing = (name: string, spec: object, version = 'v1'): UnstructuredObject =>
  ({ kind: 'Thing', apiVersion: `example.com/${version}`, metadata: { name }, spec }) as UnstructuredObject;

/** The raw table, and the view of each version. */
function open(
  converter: CustomResourceConverter,
  of: DynamoDBStorageFactory = factory,
): {
  raw: Storage<UnstructuredObject>;
  seen: (version: string, more?: { storage?: string; settled?: boolean }) => VersionedStorage;
} {
  const raw = of.storageFor<UnstructuredObject>({
    resourcePrefix: `/registry/customresources/example.com/things${++resources}`,
    codec: customResourceCodec,
    attributes: (object) => new CustomResourceAttributes(object),
  });
  const form = new ResourceForm({
    group: 'example.com',
    kind: 'Thing',
    schemas: new Map([
      ['v1', newStructural(V1)],
      ['v2', newStructural(V2)],
    ]),
    preserveUnknownFields: false,
    objectMeta,
  });
  const nothing = async (): Promise<void> => {};
  const follower = new DefinitionFollower({
    storage: raw as unknown as Storage<Definition>,
    catchUp: nothing,
    changed: nothing,
  });
  const lifetime = new DefinitionLifetime(follower);
  return {
    raw,
    seen: (version, { storage = 'v1', settled = false } = {}) =>
      new VersionedStorage({
        storage: raw,
        form,
        converter,
        apiVersion: `example.com/${version}`,
        storageApiVersion: `example.com/${storage}`,
        settled,
        lifetime,
        fieldsOf: ({ spec }: UnstructuredObject & { spec?: { width?: number } }) => ({
          'spec.width': String(spec?.width),
        }),
      }),
  };
}

const shown = (object: UnstructuredObject): unknown => [object.apiVersion, object['spec']];

describe('stored objects', () => {
  test("are pruned and defaulted by their own version's schema, then shown in another", async () => {
    const { raw, seen } = open(nopConverter);
    await raw.create('a', thing('a', { size: 1, gone: true }));
    expect(shown((await seen('v1').get('a')).object())).toEqual(['example.com/v1', { size: 1, both: 'd' }]);
    expect(shown((await seen('v2').get('a')).object())).toEqual(['example.com/v2', { both: 'd' }]);
    expect(shown((await raw.get('a')).object())).toEqual(['example.com/v1', { size: 1, gone: true }]);
  });

  test('are returned unchanged where nothing can have changed', async () => {
    const { raw, seen } = open(nopConverter);
    await raw.create('a', thing('a', { size: 1 }));
    const { bytes } = await seen('v1', { settled: true }).get('a');
    expect(Buffer.from(bytes).equals((await raw.get('a')).bytes)).toBe(true);
    expect(shown((await seen('v2', { settled: true }).get('a')).object())).toEqual([
      'example.com/v2',
      { both: 'd' },
    ]);
  });

  test('are converted by a webhook once, a list at a time', async () => {
    const converter = new Renaming();
    const { raw, seen } = open(converter);
    for (const name of ['a', 'b']) await raw.create(name, thing(name, { size: 1 }));
    await raw.create('c', thing('c', { width: 3 }, 'v2'));
    const storage = seen('v2');
    const { items } = await storage.list({ prefix: '' });
    expect(items.map((item) => shown(item.object()))).toEqual([
      ['example.com/v2', { width: 1, both: 'd' }],
      ['example.com/v2', { width: 1, both: 'd' }],
      ['example.com/v2', { width: 3 }],
    ]);
    await storage.list({ prefix: '' });
    expect(converter.calls).toEqual([['a', 'b']]);
  });

  test('are sent to a webhook a megabyte at a time', async () => {
    const converter = new Renaming();
    const { raw, seen } = open(converter);
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await raw.create(name, thing(name, { size: 1, both: name.repeat(400_000) }));
    }
    const { items } = await seen('v2').list({ prefix: '' });
    expect(items.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(converter.calls).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  test('wait for memory before they are decoded', async () => {
    const converter = new Renaming();
    const { raw, seen } = open(converter);
    for (const name of ['a', 'b'])
      await raw.create(name, thing(name, { size: 1, both: 'x'.repeat(100_000) }));
    const sizes = (await raw.list({ prefix: '' })).items.map(({ bytes }) => bytes.length);
    let claimed: number[] = [];
    const beforeConversion = (items: readonly { readonly bytes: Uint8Array }[]): void => {
      claimed = items.map(({ bytes }) => bytes.length);
      throw new Error('no room');
    };
    await expect(seen('v2').list({ prefix: '', beforeConversion })).rejects.toThrow('no room');
    expect([claimed, converter.reserved, converter.calls]).toEqual([sizes, [], []]);
    await seen('v2').list({ prefix: '' });
    expect([converter.reserved, converter.calls]).toEqual([[sizes[0]! + sizes[1]!], [['a', 'b']]]);
    // Those in the storage version need none.
    await seen('v1', { settled: true }).list({ prefix: '', beforeConversion });
  });

  test('are cached within the budget for encodings', async () => {
    const half = await newTestStorageFactory({ memory: newStorageMemory(undefined, 600_000) });
    const converter = new Renaming();
    const { raw, seen } = open(converter, half);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await raw.create(name, thing(name, { size: 1, both: 'x'.repeat(100_000) }));
    }
    // In memory, so that each is the same object in every list.
    await raw.snapshot(0);
    const storage = seen('v2');
    await storage.list({ prefix: '' });
    converter.calls = [];
    await storage.get('f');
    expect(converter.calls).toEqual([]);
    for (let i = 0; i < 3; i++) await storage.list({ prefix: '' });
    expect(converter.calls.flat().length).toBeGreaterThan(0);
    await half.close();
  });

  test('are converted again after a failure', async () => {
    const converter = new Renaming();
    const { raw, seen } = open(converter);
    await raw.create('a', thing('a', { size: 1 }));
    const storage = seen('v2');
    converter.failure = 'not today';
    await expect(storage.get('a')).rejects.toMatchObject({ status: { code: 500, message: 'not today' } });
    converter.failure = undefined;
    expect(shown((await storage.get('a')).object())).toEqual(['example.com/v2', { width: 1, both: 'd' }]);
  });

  test('are selected by the converted object', async () => {
    const { raw, seen } = open(new Renaming());
    for (const [name, size] of [
      ['a', 1],
      ['b', 2],
    ] as const) {
      await raw.create(name, thing(name, { size }));
    }
    const predicate = {
      matches: ({ fields }: { fields: Readonly<Record<string, string>> }) => fields['spec.width'] === '2',
      isEmpty: false,
    };
    const { items } = await seen('v2').list({ prefix: '', predicate });
    expect(items.map(({ key }) => key)).toEqual(['b']);
  });
});

describe('a write', () => {
  test('is stored in the storage version, pruned by its schema, and answered in its own', async () => {
    const { raw, seen } = open(new Renaming());
    const created = await seen('v2').create('a', thing('a', { width: 4, both: 'x' }, 'v2'));
    expect(shown(created.object())).toEqual(['example.com/v2', { width: 4, both: 'x' }]);
    expect(shown((await raw.get('a')).object())).toEqual(['example.com/v1', { size: 4, both: 'x' }]);
  });

  test('sees the object in its version; an unchanged one is not written, until the storage version changes', async () => {
    const { raw, seen } = open(nopConverter);
    const { resourceVersion } = await raw.create('a', thing('a', { both: 'x' }));
    const touch = async (storage: VersionedStorage): Promise<unknown> => {
      let current: unknown;
      const updated = await storage.guaranteedUpdate('a', {
        async tryUpdate(object) {
          current = shown(object!);
          return { object: object! };
        },
      });
      return [current, updated.resourceVersion];
    };
    const inV2 = ['example.com/v2', { both: 'x' }];
    expect(await touch(seen('v2'))).toEqual([inV2, resourceVersion]);
    expect(await touch(seen('v2', { storage: 'v2' }))).toEqual([inV2, resourceVersion + 1]);
    expect(shown((await raw.get('a')).object())).toEqual(inV2);
    expect(await touch(seen('v2', { storage: 'v2' }))).toEqual([inV2, resourceVersion + 1]);
  });

  test('that deletes is validated with the object in its version', async () => {
    const { raw, seen } = open(new Renaming());
    await raw.create('a', thing('a', { size: 5 }));
    let validated: unknown;
    await seen('v2').delete('a', {
      async validateDeletion(object) {
        validated = shown(object);
      },
    });
    expect(validated).toEqual(['example.com/v2', { width: 5, both: 'd' }]);
    await expect(raw.get('a')).rejects.toThrow();
  });
});
