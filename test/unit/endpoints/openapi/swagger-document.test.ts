import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  type CustomResourceVersion,
  customResourceParts,
} from '../../../../shared/endpoints/openapi/custom-resource-parts.ts';
import { DefinitionSchemas } from '../../../../shared/endpoints/openapi/definition-schemas.ts';
import { encodeOpenAPIV2 } from '../../../../shared/endpoints/openapi/gnostic/openapi-v2.ts';
import { NO_DESCRIPTIONS } from '../../../../shared/endpoints/openapi/openapi-descriptions.ts';
import { OpenAPIDocument, type Pieces } from '../../../../shared/endpoints/openapi/openapi-document.ts';
import type { OpenAPIModel, Swagger } from '../../../../shared/endpoints/openapi/openapi-model.ts';
import { SwaggerEncoder } from '../../../../shared/endpoints/openapi/swagger-document.ts';
import { newScheme } from '../../../../shared/server/builtin-scheme.ts';

const scheme = newScheme();
const builtin = new DefinitionSchemas(scheme, NO_DESCRIPTIONS);

function widgetModel(version: string): Promise<OpenAPIModel> {
  const kind = { group: 'example.com', version, kind: 'Widget' };
  const resource: CustomResourceVersion = {
    group: 'example.com',
    version,
    listKind: 'WidgetList',
    schema: { type: 'object', properties: { size: { type: 'integer' } } },
    preserveUnknownFields: false,
    selectableFields: [],
    resource: {
      resource: 'widgets',
      singularResource: 'widget',
      scope: 'Namespaced',
      responseKind: kind,
      verbs: ['get', 'list', 'create'],
    },
  };
  const unread = { group: 'example.com', version, state: '', read: async () => resource };
  return customResourceParts([unread], scheme)[0]!.model(NO_DESCRIPTIONS);
}

const INFO = 'io.k8s.apimachinery.pkg.version.Info';
const version: OpenAPIModel = {
  paths: new Map([
    [
      '/version/',
      {
        get: {
          operationId: 'getCodeVersion',
          tags: ['version'],
          description: 'get the version information for this server',
          parameters: [],
          consumes: ['application/json'],
          produces: ['application/json'],
          responses: { 200: { definition: INFO } },
        },
      },
    ],
  ]),
};
const remote: Swagger = {
  paths: { '/version/': {}, '/apis/remote/v1/': { get: { responses: { 200: { description: 'OK' } } } } },
  definitions: { [INFO]: { type: 'string' } },
  parameters: {},
};

async function encoded(
  encoder: SwaggerEncoder,
  models: readonly OpenAPIModel[],
  others?: readonly Swagger[],
): Promise<Pieces> {
  for (const model of models) await encoder.prepare(model, () => undefined);
  return encoder.encode(models, others);
}

const join = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString();

test('the same document in both formats', async () => {
  const models = [version, await widgetModel('v1'), await widgetModel('v2')];
  const document = JSON.parse(join(await encoded(new SwaggerEncoder('json', builtin), models, [remote])));
  const protobuf = Buffer.concat(await encoded(new SwaggerEncoder('protobuf', builtin), models, [remote]));
  const { definitions, paths, parameters, ...frame } = document;
  const whole = Buffer.from(encodeOpenAPIV2({ ...frame, definitions, paths, parameters }));
  expect(protobuf.toString('base64')).toBe(whole.toString('base64'));
  expect(Object.keys(paths)).toEqual([
    '/version/',
    '/apis/example.com/v1/namespaces/{namespace}/widgets',
    '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}',
    '/apis/example.com/v1/widgets',
    '/apis/example.com/v2/namespaces/{namespace}/widgets',
    '/apis/example.com/v2/namespaces/{namespace}/widgets/{name}',
    '/apis/example.com/v2/widgets',
    '/apis/remote/v1/',
  ]);
  expect(Object.keys(definitions)).toEqual(
    expect.arrayContaining([INFO, `${INFO}_v2`, 'com.example.v1.Widget', 'com.example.v2.WidgetList']),
  );
});

test.each(['json', 'protobuf'] as const)('unchanged parts keep their bytes: %s', async (format) => {
  const encoder = new SwaggerEncoder(format, builtin);
  const [first, second] = [await widgetModel('v1'), await widgetModel('v2')];
  const before = await encoded(encoder, [version, first]);
  const after = await encoded(encoder, [version, first, second]);
  const again = await encoded(encoder, [version, first]);
  const large = (pieces: readonly Uint8Array[]) => pieces.filter(({ byteLength }) => byteLength > 30);
  expect(join(again)).toBe(join(before));
  // Except for the frame, which is shorter than a few names in JSON.
  const kept = large(before).filter((piece) => after.includes(piece));
  expect(kept.length).toBeGreaterThanOrEqual(large(before).length - 1);
  expect(large(again).filter((piece) => before.includes(piece)).length).toBe(kept.length);
});

test('compressed and plain documents are equal', async () => {
  const pieces = await encoded(new SwaggerEncoder('json', builtin), [version]);
  const document = new OpenAPIDocument('hash', async () => pieces);
  const [plain, compressed] = await Promise.all([document.bytes('json'), document.compressed('json')]);
  expect(gunzipSync(compressed).toString()).toBe(Buffer.from(plain).toString());
  expect(await document.compressed('json')).toBe(compressed);
});

test('a failed document is created the next time', async () => {
  let fails = true;
  const document = new OpenAPIDocument('hash', async () => {
    if (fails) throw new Error('away');
    return [Uint8Array.of(1), Uint8Array.of(2)];
  });
  await expect(document.bytes('json')).rejects.toThrow('away');
  fails = false;
  expect(await document.bytes('json')).toEqual(Buffer.from([1, 2]));
});
