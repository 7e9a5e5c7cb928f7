import { expect, test, vi } from 'vitest';
import type { AdmissionAttributes } from '../../../shared/admission/admission.ts';
import { newAdmissionChain } from '../../../shared/admission/options.ts';
import { formatGroupResource, type GroupResource } from '../../../shared/runtime/group-version.ts';
import {
  type AdmissionRequest,
  TestCluster,
  testAttributes,
  testDependencies,
} from '../../fixtures/admission.ts';
import { testRequestContext } from '../../fixtures/request-context.ts';

const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } };
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'ns' } };

/** Responds only when all expected reads have been started. */
class SlowCluster extends TestCluster {
  readonly asked: string[] = [];
  readonly #expected: number;
  #release!: () => void;
  readonly #released = new Promise<void>((resolve) => {
    this.#release = resolve;
  });

  constructor(expected: number) {
    super([namespace, account]);
    this.#expected = expected;
  }

  override lister<T extends never>(resource: GroupResource) {
    const lister = super.lister<T>(resource);
    const wait = async (): Promise<void> => {
      this.asked.push(formatGroupResource(resource));
      if (this.asked.length >= this.#expected) this.#release();
      await this.#released;
    };
    return {
      snapshot: () => wait().then(lister.snapshot),
      get: (of: string, name: string) => wait().then(() => lister.get(of, name)),
      list: (of: string) => wait().then(() => lister.list(of)),
      count: (of: string) => wait().then(() => lister.count(of)),
      replacedAt: lister.replacedAt,
      sparse: async () => ({}) as never,
    };
  }
}

const pod: AdmissionRequest = {
  object: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns' },
    spec: { containers: [{ name: 'c', image: 'c' }] },
  },
};
const EVERY_REQUEST = [
  'mutatingadmissionpolicies.admissionregistration.k8s.io',
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'validatingadmissionpolicies.admissionregistration.k8s.io',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
];

test.each<[string, AdmissionRequest, string[]]>([
  [
    'a pod',
    pod,
    ['limitranges', 'namespaces', 'priorityclasses.scheduling.k8s.io', 'resourcequotas', 'serviceaccounts'],
  ],
  [
    'a claim',
    {
      object: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'c', namespace: 'ns' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    },
    ['limitranges', 'namespaces', 'resourcequotas', 'storageclasses.storage.k8s.io'],
  ],
  ['a namespace', { object: namespace }, []],
])(
  'the first request for %s in a while prefetches everything, the second one nothing',
  async (_, request, own) => {
    const expected = [...EVERY_REQUEST, ...own].sort();
    const cluster = new SlowCluster(expected.length);
    const chain = await newAdmissionChain(
      { enablePlugins: [], disablePlugins: [] },
      new Map(),
      testDependencies({ cluster }),
    );
    const admit = async (): Promise<AdmissionAttributes> => {
      const attributes = testAttributes(request);
      await chain.admit(attributes, testRequestContext('ns'));
      await chain.validate(attributes, testRequestContext('ns'));
      return attributes;
    };
    await admit();
    expect(cluster.asked.slice(0, expected.length).sort()).toEqual(expected);
    const first = cluster.asked.splice(0).length;
    await admit();
    expect(cluster.asked.splice(0)).toHaveLength(first - expected.length);
    const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 500);
    await admit().finally(() => later.mockRestore());
    expect(cluster.asked.slice(0, expected.length).sort()).toEqual(expected);
  },
);
