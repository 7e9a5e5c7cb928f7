import { expect, test } from 'vitest';
import { encodeOpenAPIV2 } from '../../../../shared/endpoints/openapi/gnostic/openapi-v2.ts';
import { encodeOpenAPIV3 } from '../../../../shared/endpoints/openapi/gnostic/openapi-v3.ts';
import cases from './gnostic-cases.json' with { type: 'json' };

const ENCODERS: Readonly<Record<number, (document: unknown) => Uint8Array>> = {
  2: encodeOpenAPIV2,
  3: encodeOpenAPIV3,
};

/** Expected bytes are those of gnostic's Go library for the same documents. */
test.each(cases)('OpenAPI $version', ({ version, document, protobuf }) => {
  expect(Buffer.from(ENCODERS[version]!(document)).toString('base64')).toBe(protobuf);
});
