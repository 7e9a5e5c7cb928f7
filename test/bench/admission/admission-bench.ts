/** Measures what the admission chain adds to a create, in isolation, with listers in memory. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { AdmissionChain } from '../../../shared/admission/admission.ts';
import { admissionEnvironment } from '../../../shared/admission/cel/admission-environment.ts';
import { compileAdmissionExpression } from '../../../shared/admission/cel/admission-expression.ts';
import { newAdmissionChain } from '../../../shared/admission/options.ts';
import { BOOL } from '../../../shared/cel/type.ts';
import { TestCluster, testAttributes, testDependencies } from '../../fixtures/admission.ts';
import type { Manifest } from '../../fixtures/internal-object.ts';
import { testRequestContext } from '../../fixtures/request-context.ts';

const ROUNDS = 2_000;
const POLICIES = 50;
const COMPILED = 1_000;

const BASE: readonly Manifest[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'ns' } },
];
const POD: Manifest = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', labels: { app: 'x' } },
  spec: { containers: [{ name: 'a', image: 'registry.example/app:1' }] },
};
const CONFIG_MAP: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cm', namespace: 'ns' },
  data: { a: '1' },
};

const expression = (index: number): string =>
  `!has(object.metadata.labels) || object.metadata.labels.all(key, !key.startsWith('forbidden-${index}')) || request.operation == 'DELETE'`;

function policies(): Manifest[] {
  const resourceRules = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }];
  return Array.from({ length: POLICIES }, (_, index) => [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: `p${index}` },
      spec: { matchConstraints: { resourceRules }, validations: [{ expression: expression(index) }] },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: `b${index}` },
      spec: { policyName: `p${index}`, validationActions: ['Deny'] },
    },
  ]).flat();
}

function chainOver(objects: readonly Manifest[]): Promise<AdmissionChain> {
  const { configuration: _, ...dependencies } = testDependencies({ cluster: new TestCluster(objects) });
  return newAdmissionChain({ enablePlugins: [], disablePlugins: [] }, new Map(), dependencies);
}

/** Microseconds of a create: the first, and the median. */
async function measure(chain: AdmissionChain, object: Manifest): Promise<{ first: number; median: number }> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const attributes = testAttributes({ object });
    const context = testRequestContext('ns');
    const begin = process.hrtime.bigint();
    await chain.admit(attributes, context);
    await chain.validate(attributes, context);
    times.push(Number(process.hrtime.bigint() - begin) / 1000);
  }
  const sorted = times.slice(ROUNDS / 4).sort((a, b) => a - b);
  return { first: times[0]!, median: sorted[Math.floor(sorted.length / 2)]! };
}

function bytesPerExpression(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const environment = admissionEnvironment({ params: false, authorizer: true });
  const compile = (index: number) => compileAdmissionExpression(expression(index), environment, [BOOL]);
  compile(0);
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: COMPILED }, (_, index) => compile(index));
  collect();
  const after = process.memoryUsage().heapUsed;
  return (after - before) / kept.length;
}

export async function run(): Promise<string> {
  const rows: string[] = [];
  for (const [name, object] of [
    ['ConfigMap', CONFIG_MAP],
    ['Pod', POD],
  ] as const) {
    for (const [what, objects] of [
      ['default chain', BASE],
      [`default chain and ${POLICIES} policies`, [...BASE, ...policies()]],
    ] as const) {
      const { first, median } = await measure(await chainOver(objects), object);
      rows.push(`| ${name} | ${what} | ${median.toFixed(0)} | ${first.toFixed(0)} |`);
    }
  }
  return [
    'Microseconds of admission per create, with listers in memory; the first create compiles the policies.',
    '',
    '| Object | Chain | Median | First |',
    '|---|---|---:|---:|',
    ...rows,
    '',
    `A compiled policy expression of ${expression(0).length} characters: ${(bytesPerExpression() / 1024).toFixed(1)} KB of heap.`,
  ].join('\n');
}
