import { expect, test } from 'vitest';
import { dropGatedPaths, type GatedPaths } from '../../../shared/apis/gated-paths.ts';

const GATED: GatedPaths = { One: ['list[].(a|b).x', 'c'], Two: ['c.d'] };
const object = () => ({ list: [{ a: { x: 1, y: 2 } }, { b: { x: 3 } }, null], c: { d: 4, e: 5 } });

test.each<[string, readonly string[], object | undefined, object]>([
  ['both gates disabled', [], undefined, { list: [{ a: { y: 2 } }, { b: {} }, null] }],
  ['one gate enabled', ['One'], undefined, { ...object(), c: { e: 5 } }],
  ['one field in use', [], { list: [{ b: { x: 0 } }] }, { ...object(), c: { e: 5 } }],
  ["an empty list doesn't count as use", [], { c: [] }, { list: [{ a: { y: 2 } }, { b: {} }, null] }],
  ['both gates enabled', ['One', 'Two'], undefined, object()],
])('%s', (_what, on, old, expected) => {
  const given = object();
  dropGatedPaths({ featureEnabled: (gate) => on.includes(gate) }, GATED, given, old);
  expect(given).toEqual(expected);
});
