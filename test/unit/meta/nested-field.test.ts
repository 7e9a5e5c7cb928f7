import { describe, expect, test } from 'vitest';
import {
  nestedField,
  nestedInteger,
  nestedString,
  setNestedField,
} from '../../../shared/meta/nested-field.ts';

const OBJECT = JSON.parse(
  '{"a":{"b":{"n":3,"f":1.5,"s":"x","l":[1],"z":null,"t":true}},"__proto__":{"n":7}}',
) as object;

/** The result of a read, or its error message. */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return (error as Error).message;
  }
}

describe('reading', () => {
  test.each<[string, unknown]>([
    ['a.b.n', 3],
    ['a.b.z', null],
    ['a.b.z.more', undefined],
    ['a.c', undefined],
    ['a.c.d', undefined],
    ['toString', undefined],
    ['__proto__.n', 7],
    ['a.b.s.more', '.a.b.s.more accessor error: x is of the type string, expected map[string]interface{}'],
    [
      'a.b.l.0',
      '.a.b.l.0 accessor error: [1] is of the type []interface {}, expected map[string]interface{}',
    ],
  ])('%s', (path, expected) => {
    expect(outcome(() => nestedField(OBJECT, path.split('.')))).toEqual(expected);
  });

  test.each<[string, unknown, unknown]>([
    ['a.b.n', 3, '.a.b.n accessor error: 3 is of the type int64, expected string'],
    ['a.b.f', '.a.b.f accessor error: 1.5 is of the type float64, expected int64', undefined],
    ['a.b.s', '.a.b.s accessor error: x is of the type string, expected int64', 'x'],
    ['a.b.t', '.a.b.t accessor error: true is of the type bool, expected int64', undefined],
    ['a.b.z', '.a.b.z accessor error: <nil> is of the type <nil>, expected int64', undefined],
    ['a.x', undefined, undefined],
  ])('%s as an integer, as a string', (path, integer, string) => {
    expect(outcome(() => nestedInteger(OBJECT, path.split('.')))).toEqual(integer);
    if (string !== undefined) expect(outcome(() => nestedString(OBJECT, path.split('.')))).toEqual(string);
  });
});

describe('setting', () => {
  test.each<[object, string, unknown]>([
    [{}, 'a.b', { a: { b: 1 } }],
    [{ a: { c: 2 } }, 'a.b', { a: { c: 2, b: 1 } }],
    [{ a: { b: 'x' } }, 'a.b', { a: { b: 1 } }],
    [{ a: 'x' }, 'a.b', 'value cannot be set because .a is not a map[string]interface{}'],
    [{ a: { b: [1] } }, 'a.b.c', 'value cannot be set because .a.b is not a map[string]interface{}'],
  ])('%j: %s', (object, path, expected) => {
    const copy = structuredClone(object);
    const result = outcome(() => {
      setNestedField(copy, 1, path.split('.'));
      return copy;
    });
    expect(result).toEqual(expected);
  });

  test('a field named like a prototype member is a field', () => {
    const object = {};
    setNestedField(object, 1, ['__proto__', 'polluted']);
    expect(JSON.stringify(object)).toBe('{"__proto__":{"polluted":1}}');
    expect({}).not.toHaveProperty('polluted');
  });
});
