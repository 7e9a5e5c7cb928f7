import { expect, test } from 'vitest';
import { encodeOpenAPIV2 } from '../../../../shared/endpoints/openapi/gnostic/openapi-v2.ts';
import { encodeOpenAPIV3 } from '../../../../shared/endpoints/openapi/gnostic/openapi-v3.ts';
import cases from './gnostic-cases.json' with { type: 'json' };

const ENCODERS: Readonly<Record<number, (document: unknown) => Uint8Array>> = {
  2: encodeOpenAPIV2,
  3: encodeOpenAPIV3,
};

/** The bytes are those that gnostic's Go library makes of the same documents. */
test.each(cases)('OpenAPI $version', ({ version, document, protobuf }) => {
  expect(Buffer.from(ENCODERS[version]!(document)).toString('base64')).toBe(protobuf);
});
