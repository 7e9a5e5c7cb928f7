/** The work for a large value grows with its size, not with depth times size. */

import { afterEach, expect, test, vi } from 'vitest';
import { compare } from '../../../../shared/meta/managedfields/compare.ts';
import { FieldSetBuilder } from '../../../../shared/meta/managedfields/field-set.ts';
import { sortPathElements, valueElement } from '../../../../shared/meta/managedfields/path-element.ts';
import { toFieldSet } from '../../../../shared/meta/managedfields/to-field-set.ts';
import type { TypeSchema } from '../../../../shared/runtime/type-schema.ts';
import { atOnce } from '../../../../shared/util/breathe.ts';

const ANY: TypeSchema = { kind: 'untyped', type: 'any' };

/** `size` members at a depth of `size`. */
function deep(size: number): unknown {
  let value: unknown = Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, i]));
  for (let i = 0; i < size; i++) value = { a: value };
  return value;
}

afterEach(() => vi.restoreAllMocks());

test.each([
  ['toFieldSet', (value: unknown) => toFieldSet(value, ANY), 1],
  ['compare', (value: unknown) => atOnce(compare({}, value, ANY)), 1],
  ['compare of equal sets', (value: unknown) => atOnce(compare(value, structuredClone(value), ANY)), 0],
] as const)('%s visits each reported place once', (_, work, sets) => {
  const child = vi.spyOn(FieldSetBuilder.prototype, 'child');
  const steps = [100, 200, 400].map((size) => {
    child.mockClear();
    work(deep(size));
    return child.mock.calls.length / size;
  });
  expect(steps).toEqual([sets, sets, sets]);
});

test('elements are read once to be sorted', () => {
  const elements = Array.from({ length: 1000 }, (_, i) => valueElement(String((i * 7) % 1000)));
  const parse = vi.spyOn(JSON, 'parse');
  const sorted = atOnce(sortPathElements(elements));
  expect(parse).toHaveBeenCalledTimes(1000);
  expect(sorted).toEqual([...elements].sort());
});
