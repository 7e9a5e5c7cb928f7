import { expect, test } from 'vitest';
import { applyMergePatch } from '../../../../shared/meta/patch/merge-patch.ts';
import { StatusError } from '../../../../shared/meta/status-error.ts';

async function apply(current: unknown, patch: string, strict = true) {
  try {
    return (await applyMergePatch(current, Buffer.from(patch), { strict })).value;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${error.status.code} ${error.status.message}`;
  }
}

test.each<[unknown, string, unknown]>([
  [{ a: 'b' }, '{"a":"c"}', { a: 'c' }],
  [{ a: 'b' }, '{"b":"c"}', { a: 'b', b: 'c' }],
  [{ a: 'b' }, '{"a":null}', {}],
  [{ a: ['b'] }, '{"a":"c"}', { a: 'c' }],
  [{ a: 'c' }, '{"a":["b"]}', { a: ['b'] }],
  [{ a: { b: 'c' } }, '{"a":{"b":"d","c":null}}', { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, '{"a":[1]}', { a: [1] }],
  [{ e: null }, '{"a":1}', { e: null, a: 1 }],
  [{}, '{"a":{"bb":{"ccc":null}}}', { a: { bb: {} } }],
  [{ a: [1] }, '{"a":[{"b":null,"c":1}]}', { a: [{ c: 1 }] }],
  [{ a: {} }, '{"a":[{"b":null}]}', { a: [{ b: null }] }],
  [{ a: 1 }, '{"__proto__":{"b":1}}', JSON.parse('{"a":1,"__proto__":{"b":1}}')],
  [
    {},
    '[]',
    '400 error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  ],
  [
    {},
    '"a"',
    '400 error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}',
  ],
  [{}, 'null', '400 Invalid JSON Patch'],
  [{}, '{', '400 invalid JSON patch'],
])('%j patched with %s', async (current, patch, expected) => {
  expect(await apply(current, patch)).toEqual(expected);
});

test('without strict decoding a list replaces the object, and is then rejected', async () => {
  expect(await apply({}, '[{"a":null}]', false)).toEqual([{}]);
  expect(await apply({}, '5', false)).toBe('400 Invalid JSON Patch');
});

test('integers stay exact', async () => {
  expect(await apply({}, '{"a":9007199254740993}')).toEqual({ a: 9007199254740993n });
});
