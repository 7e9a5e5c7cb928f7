import { expect, test } from 'vitest';
import { installAll } from '../../../../shared/apis/install.ts';
import type { PodDisruptionBudget } from '../../../../shared/apis/policy/v1/types.ts';
import { builtinTypeTables } from '../../../../shared/apis/type-tables.ts';
import { Scheme } from '../../../../shared/runtime/scheme.ts';

const scheme = new Scheme(builtinTypeTables());
installAll(scheme);

const key = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match';
const matchLabels = { app: 'a' };

function converted(from: string, selector: object | undefined, to: string): unknown {
  const object = {
    apiVersion: `policy/${from}`,
    kind: 'PodDisruptionBudget',
    metadata: {},
    spec: { selector },
    status: {},
  };
  const gvk = { group: 'policy', version: to, kind: 'PodDisruptionBudget' };
  return scheme.convert<PodDisruptionBudget>(structuredClone(object), gvk).spec.selector;
}

test.each<[string, object | undefined, string, object | undefined]>([
  ['v1beta1', {}, 'v1', { matchExpressions: [{ key, operator: 'Exists' }] }],
  ['v1beta1', undefined, 'v1', undefined],
  ['v1beta1', { matchExpressions: [{ key, operator: 'DoesNotExist' }] }, 'v1', {}],
  ['v1', {}, 'v1beta1', { matchExpressions: [{ key, operator: 'DoesNotExist' }] }],
  ['v1', { matchExpressions: [{ key, operator: 'Exists' }] }, 'v1beta1', {}],
  ['v1', { matchLabels }, 'v1beta1', { matchLabels }],
  ['v1beta1', { matchLabels, matchExpressions: [{ key, operator: 'Exists' }] }, 'v1', { matchLabels }],
  ['v1', { matchLabels, matchExpressions: [{ key, operator: 'Exists' }] }, 'v1beta1', { matchLabels }],
])('%s selector %o is in %s', (from, selector, to, expected) => {
  expect(converted(from, selector, to)).toStrictEqual(expected);
});
