import { expect, test } from 'vitest';
import { withFinalizerRules } from '../../../../shared/registry/generic/finalizer-rules.ts';
import { ingressClassStrategy } from '../../../../shared/registry/networking/ingressclass/strategy.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const strategy = withFinalizerRules(ingressClassStrategy);
const withFinalizers = (...finalizers: string[]) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { finalizers },
  spec: { controller: 'a.b/c' },
});

test.each<[string[], string[]]>([
  [['kubernetes', 'orphan', 'example.com/clean'], []],
  [
    ['clean', 'foregroundDeletion'],
    [
      'metadata.finalizers[0]: Invalid value: "clean": name is neither a standard finalizer name nor is it fully qualified',
    ],
  ],
])('%j', async (finalizers, causes) => {
  const to = withFinalizers(...finalizers);
  expect(await createCauses(strategy, to)).toEqual(causes);
  expect(await updateCauses(strategy, { from: withFinalizers(), to })).toEqual(causes);
});
