import { expect, test } from 'vitest';
import { yamlToJSON } from '../../../../shared/runtime/serializer/yaml/yaml-to-json.ts';

/** The keys that `sigs.k8s.io/yaml` makes of non-string keys. */
test.each([
  ['1', '1'],
  ['0x1F', '31'],
  ['1_000', '1000'],
  ['-0.0', '-0'],
  ['1e3', '1000'],
  ['1e6', '1e+06'],
  ['1000000', '1000000'],
  ['1e-7', '1e-07'],
  ['0.30000000000000004', '0.3'],
  ['123456789012345678901234567890', '1.2345679e+29'],
  ['1.7976931348623157e308', '.inf'],
  ['5e-324', '0'],
  ['.nan', '.nan'],
  ['-.inf', '-.inf'],
  ['9223372036854775807', '9223372036854775807'],
  ['yes', 'true'],
  ['"1e6"', '1e6'],
])('the key %s is %s', (source, key) => {
  expect(yamlToJSON(`${source}: x\n`).value).toEqual({ [key]: 'x' });
});

test.each([
  ['9223372036854775808', 'uint64, key: 0x8000000000000000'],
  ['~', '%!s(<nil>), key: <nil>'],
])('%s is not a key', (source, told) => {
  expect(() => yamlToJSON(`${source}: x\n`)).toThrow(`unsupported map key of type: ${told}, value: "x"`);
});

test('a number beyond doubles is a string, in JSON too', () => {
  expect(yamlToJSON('{"a":1e400}').value).toEqual({ a: '1e400' });
});
