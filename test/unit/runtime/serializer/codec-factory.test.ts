import { expect, test } from 'vitest';
import { CodecFactory } from '../../../../shared/runtime/serializer/codec-factory.ts';
import { kindSchemas } from '../../../fixtures/kind-schemas.ts';

test('large objects are written in pieces even after their decoding', async () => {
  const codecs = new CodecFactory(kindSchemas, ['application/yaml'], function* (decoded) {
    yield;
    return { ...decoded, strictErrors: ['settled'] };
  });
  const { serializer } = (await codecs.serializerInfo('application/yaml'))!;
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { b: 'c' } };
  const bytes = serializer.encode(object);
  expect(await serializer.encodeInPieces?.(object)).toEqual(bytes);
  expect(serializer.decode(bytes)).toMatchObject({ object, strictErrors: ['settled'] });
  expect(await serializer.decodeInPieces?.(bytes, {})).toMatchObject({ object, strictErrors: ['settled'] });
});
