import { expect, test } from 'vitest';
import { keepLost } from '../../../shared/runtime/lost-fields.ts';

test.each<[string, object, object, object, object]>([
  ['a lost field', { a: 1 }, { a: 1, b: 2 }, { a: 1 }, { a: 1, b: 2 }],
  ['a field that the client removed', {}, { a: 1 }, { a: 1 }, {}],
  ['a field that the client set', { b: 3 }, { b: 2 }, {}, { b: 3 }],
  ['below a field', { s: { a: 5 } }, { s: { a: 1, b: 2 } }, { s: { a: 1 } }, { s: { a: 5, b: 2 } }],
  ['below a removed field', {}, { s: { a: 1, b: 2 } }, { s: { a: 1 } }, {}],
  [
    'in elements that were left alone, wherever they are',
    { l: [{ x: 2 }, { x: 1 }, { x: 3 }] },
    {
      l: [
        { x: 1, y: 1 },
        { x: 2, y: 2 },
      ],
    },
    { l: [{ x: 1 }, { x: 2 }] },
    { l: [{ x: 2, y: 2 }, { x: 1, y: 1 }, { x: 3 }] },
  ],
  [
    'in elements of the same name',
    { l: [{ name: 'a', x: 9 }] },
    { l: [{ name: 'a', x: 1, y: 1 }] },
    { l: [{ name: 'a', x: 1 }] },
    { l: [{ name: 'a', x: 9, y: 1 }] },
  ],
  [
    'of a list that a conversion reorders',
    { l: [{ x: 2 }, { x: 1 }] },
    {
      l: [
        { x: 1, y: 1 },
        { x: 2, y: 2 },
      ],
    },
    { l: [{ x: 2 }, { x: 1 }] },
    { l: [{ x: 2 }, { x: 1 }] },
  ],
  ['of a list that a conversion makes shorter', { l: [1] }, { l: [{ y: 1 }, 1] }, { l: [1] }, { l: [1] }],
])('%s', (_, value, old, seen, expected) => {
  const kept = structuredClone(value) as Record<string, unknown>;
  keepLost(kept, old as Record<string, unknown>, seen as Record<string, unknown>);
  expect(kept).toEqual(expected);
});
