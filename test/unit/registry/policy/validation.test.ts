import { expect, test } from 'vitest';
import type { PodDisruptionBudget } from '../../../../shared/apis/policy/v1/types.ts';
import {
  podDisruptionBudgetStatusStrategy,
  podDisruptionBudgetStrategy,
} from '../../../../shared/registry/policy/poddisruptionbudget/strategy.ts';
import { createCauses, updateCauses, updateOutcome } from '../../../fixtures/strategy-causes.ts';

const budget = (spec: object, apiVersion = 'policy/v1') => ({
  apiVersion,
  kind: 'PodDisruptionBudget',
  spec,
});
const PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

test.each<[object, string[]]>([
  [{ minAvailable: 1, selector: {} }, []],
  [{ maxUnavailable: '100%', unhealthyPodEvictionPolicy: 'AlwaysAllow' }, []],
  [
    { minAvailable: 1, maxUnavailable: '10%' },
    [
      'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"10%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
    ],
  ],
  [{ minAvailable: -1 }, ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0']],
  [{ minAvailable: 'half' }, [`spec.minAvailable: Invalid value: "half": ${PERCENT}`]],
  [{ maxUnavailable: '101%' }, ['spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%']],
  [
    { selector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }] } },
    [`spec.selector.matchExpressions[0].values[0]: Invalid value: "-": ${LABEL_VALUE}`],
  ],
  [
    { unhealthyPodEvictionPolicy: 'Never' },
    [
      'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
    ],
  ],
])('%j', async (spec, causes) => {
  expect(await createCauses(podDisruptionBudgetStrategy, budget(spec))).toEqual(causes);
});

test('a name valid in a path is accepted', async () => {
  const manifest = { ...budget({ minAvailable: 1 }), metadata: { name: 'Any Name' } };
  expect(await createCauses(podDisruptionBudgetStrategy, manifest)).toEqual([]);
});

test('a changed spec increases the generation; status and spec are written separately', async () => {
  const status = { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 };
  const from = { ...budget({ minAvailable: 1 }), status };
  const to = { ...budget({ minAvailable: 2 }), status: { ...status, disruptionsAllowed: 7 } };
  const main = await updateOutcome<PodDisruptionBudget>(podDisruptionBudgetStrategy, { from, to });
  expect(main.object).toMatchObject({ metadata: { generation: 2 }, spec: { minAvailable: 2 }, status });
  const sub = await updateOutcome<PodDisruptionBudget>(podDisruptionBudgetStatusStrategy, { from, to });
  expect(sub.object).toMatchObject({
    metadata: { generation: 1 },
    spec: { minAvailable: 1 },
    status: { disruptionsAllowed: 7 },
  });
});

test('counts are not negative, except in v1beta1', async () => {
  const status = { disruptionsAllowed: -1, currentHealthy: 0, desiredHealthy: 0, expectedPods: -2 };
  const update = (apiVersion: string) => {
    const from = budget({ minAvailable: 1 }, apiVersion);
    return { from, to: { ...from, status } };
  };
  expect(await updateCauses(podDisruptionBudgetStatusStrategy, update('policy/v1'))).toEqual([
    'status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0',
    'status.expectedPods: Invalid value: -2: must be greater than or equal to 0',
  ]);
  expect(await updateCauses(podDisruptionBudgetStatusStrategy, update('policy/v1beta1'))).toEqual([]);
});
