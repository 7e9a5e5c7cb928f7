/** Round trips of every kind in every version: no encoding may lose what another preserves. */

import { isDeepStrictEqual } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { applyStrategicMergePatch } from '../../../shared/meta/patch/strategic-merge-patch.ts';
import { formatGroupVersion, parseGroupVersion } from '../../../shared/runtime/group-version.ts';
import type { RuntimeObject } from '../../../shared/runtime/scheme.ts';
import { CodecFactory } from '../../../shared/runtime/serializer/codec-factory.ts';
import type { MediaType, Serializer } from '../../../shared/runtime/serializer/serializer.ts';
import type { StructSchema, TypeSchema } from '../../../shared/runtime/type-schema.ts';
import { tableFieldOf } from '../../../shared/runtime/type-tables.ts';
import { deepCopy } from '../../../shared/util/deep-copy.ts';
import fc, { fuzzRuns } from '../../fixtures/fuzz.ts';
import { arbitraryOf } from '../../fixtures/generate-object.ts';
import { definitions, kindSchemas, tables } from '../../fixtures/kind-schemas.ts';

const TEXTS: readonly MediaType[] = ['application/json', 'application/yaml', 'application/cbor'];
const PROTOBUF: MediaType = 'application/vnd.kubernetes.protobuf';
const RUNS = fuzzRuns(2);

const serializers = new Map<MediaType, Serializer>();
beforeAll(async () => {
  const codecs = new CodecFactory(kindSchemas, [...TEXTS, PROTOBUF]);
  for (const mediaType of [...TEXTS, PROTOBUF]) {
    serializers.set(mediaType, (await codecs.serializerInfo(mediaType))!.serializer);
  }
});

interface Kind {
  readonly name: string;
  readonly schema: StructSchema;
  readonly apiVersion: string;
  readonly kind: string;
}

const kinds: readonly Kind[] = [...definitions].map(([name, definition]) => {
  const [kind, ...groupVersion] = name.split('/').reverse() as [string, ...string[]];
  const gv = parseGroupVersion(groupVersion.reverse().join('/'))!;
  const schema = tables.schema(definition) as StructSchema;
  return { name, schema, apiVersion: formatGroupVersion(gv), kind };
});

/** Objects as decoded. */
function objectsOf({ schema, apiVersion, kind }: Kind): fc.Arbitrary<RuntimeObject> {
  const json = serializers.get('application/json')!;
  return arbitraryOf(schema).map((value) => {
    const { object, strictErrors } = json.decode(json.encode({ ...(value as object), apiVersion, kind }), {
      strict: true,
    });
    expect(strictErrors).toEqual([]);
    return object;
  });
}

/** Embedded objects have no kind in protobuf. */
function inProtobuf(schema: TypeSchema, value: unknown, isRoot = true): unknown {
  if (value === null || value === undefined) return value;
  if (schema.kind === 'list')
    return (value as unknown[]).map((element) => inProtobuf(schema.element, element, false));
  if (schema.kind === 'map')
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, inProtobuf(schema.element, member, false)]),
    );
  if (schema.kind !== 'struct') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => isRoot || tableFieldOf(schema.fields.get(name)!)?.pb !== undefined)
      .map(([name, member]) => [name, inProtobuf(schema.fields.get(name)!.schema, member, false)]),
  );
}

const hasProtobuf = ({ schema }: Kind): boolean =>
  [...schema.fields.values()].some((field) => tableFieldOf(field)?.pb !== undefined);

/** Objects are large, so the expensive report is only made if they differ. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

const emptyPatch = new TextEncoder().encode('{}');

test.each(kinds)('$name', async (kind) => {
  await fc.assert(
    fc.asyncProperty(objectsOf(kind), async (object) => {
      for (const mediaType of TEXTS) {
        const serializer = serializers.get(mediaType)!;
        const { object: decoded, strictErrors } = serializer.decode(serializer.encode(object), {
          strict: true,
        });
        expect({ mediaType, decoded, strictErrors }).toEqual({
          mediaType,
          decoded: object,
          strictErrors: [],
        });
      }
      if (hasProtobuf(kind)) {
        const serializer = serializers.get(PROTOBUF)!;
        const { object: decoded } = serializer.decode(serializer.encode(object));
        expectSame(decoded, inProtobuf(kind.schema, object));
      }
      const patched = await applyStrategicMergePatch(deepCopy(object), emptyPatch, kind.schema);
      expectSame(patched.value, object);
    }),
    { numRuns: RUNS },
  );
});
