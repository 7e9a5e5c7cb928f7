import { expect, test } from 'vitest';
import { isStatusConditionTrue, setStatusCondition } from '../../../shared/meta/conditions.ts';
import { semanticDeepEqual } from '../../../shared/meta/deep-equal.ts';
import { controllerOf } from '../../../shared/meta/owner-reference.ts';
import type { Condition } from '../../../shared/meta/v1/types.ts';

test.each<[unknown, unknown, boolean]>([
  [1, 1, true],
  [1, '1', false],
  [undefined, null, true],
  [undefined, [], true],
  [undefined, {}, false],
  [{ a: [] }, {}, true],
  [{ a: null }, { b: undefined }, true],
  [{ a: { b: 1 } }, { a: { b: 1, c: [] } }, true],
  [{ a: 1 }, { a: 1, b: false }, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [JSON.parse('{"__proto__":1}'), {}, false],
])('%j equals %j: %j', (a, b, equal) => {
  expect([semanticDeepEqual(a, b), semanticDeepEqual(b, a)]).toEqual([equal, equal]);
});

test('a controller is the owner with the flag', () => {
  const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u1', controller: true };
  const ownerReferences = [{ ...reference, uid: 'u0', controller: false }, reference];
  expect([controllerOf({ ownerReferences }), controllerOf({})]).toEqual([reference, undefined]);
});

test("a condition's time moves with its status only", () => {
  const conditions: Condition[] = [];
  const first = { type: 'Ready', status: 'False', reason: 'A', message: '' };
  setStatusCondition(conditions, { ...first, lastTransitionTime: '2026-01-01T00:00:00Z' });
  setStatusCondition(conditions, { ...first, reason: 'B', lastTransitionTime: '2026-01-02T00:00:00Z' });
  expect(conditions).toEqual([{ ...first, reason: 'B', lastTransitionTime: '2026-01-01T00:00:00Z' }]);
  const turned = { ...first, status: 'True', lastTransitionTime: '2026-01-03T00:00:00Z' };
  expect([setStatusCondition(conditions, turned), setStatusCondition(conditions, turned)]).toEqual([
    true,
    false,
  ]);
  expect([conditions[0], isStatusConditionTrue(conditions, 'Ready')]).toEqual([turned, true]);
});

test.each([
  [9007199254740992n, 9007199254740992, true],
  [{ a: [9007199254740993n] }, { a: [9007199254740993n] }, true],
  [9007199254740993n, 9007199254740992, false],
  [1n, '1', false],
])('an integer is equal in both forms: %s and %s', (a, b, equal) => {
  expect(semanticDeepEqual(a, b)).toBe(equal);
  expect(semanticDeepEqual(b, a)).toBe(equal);
});
