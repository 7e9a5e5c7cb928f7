import { describe, expect, it } from 'vitest';
import { namespaceAutoProvision } from '../../../shared/admission/plugins/namespace-auto-provision.ts';
import { namespaceExists } from '../../../shared/admission/plugins/namespace-exists.ts';
import { namespaceLifecycle } from '../../../shared/admission/plugins/namespace-lifecycle.ts';
import { type AdmissionCase, PASSED, refused, runPlugin, TestCluster } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';

const namespace = (name: string, phase = 'Active') => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
  status: { phase },
});
const configMap = (ns: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cm', namespace: ns },
});
const review = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'LocalSubjectAccessReview',
  metadata: { namespace: 'nowhere' },
};
const cluster = [namespace('default'), namespace('going', 'Terminating')];

describePlugin(
  namespaceLifecycle,
  {
    'create in a namespace': [{ object: configMap('default') }, PASSED],
    'create in a missing namespace': [
      { object: configMap('nowhere') },
      refused('404 NotFound: namespaces "nowhere" not found'),
    ],
    'create in a terminating namespace': [
      { object: configMap('going') },
      {
        ...refused(
          '403 Forbidden: configmaps "cm" is forbidden: unable to create new content in namespace going because it is being terminated',
        ),
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: 'namespace going is being terminated',
            field: 'metadata.namespace',
          },
        ],
      },
    ],
    'update in a terminating namespace': [
      { object: configMap('going'), oldObject: configMap('going') },
      PASSED,
    ],
    'delete in a terminating namespace': [{ oldObject: configMap('going') }, PASSED],
    'access review of a missing namespace': [{ object: review }, PASSED],
    'delete of a namespace': [{ oldObject: namespace('mine') }, PASSED],
    'delete of an immortal namespace': [
      { oldObject: namespace('kube-system') },
      refused('403 Forbidden: namespaces "kube-system" is forbidden: this namespace may not be deleted'),
    ],
  },
  { cluster },
);

const missing = refused('404 NotFound: namespaces "nowhere" not found');

describePlugin(
  namespaceExists,
  {
    'create in a namespace': [{ object: configMap('default') }, PASSED],
    'create in a missing namespace': [{ object: configMap('nowhere') }, missing],
    'update in a missing namespace': [
      { object: configMap('nowhere'), oldObject: configMap('nowhere') },
      missing,
    ],
    'delete in a missing namespace': [{ oldObject: configMap('nowhere') }, missing],
    'a namespace': [{ object: namespace('mine') }, PASSED],
  },
  { cluster },
);

describe('NamespaceAutoProvision', () => {
  const made = async (request: AdmissionCase): Promise<readonly (string | undefined)[]> => {
    const target = new TestCluster(cluster);
    expect(await runPlugin(namespaceAutoProvision, { ...request, cluster: target })).toEqual(PASSED);
    const { items } = target.snapshot({ group: '', resource: 'namespaces' });
    return items.map(({ metadata }) => metadata.name);
  };

  it('creates the namespace of a new object', async () => {
    expect(await made({ object: configMap('nowhere') })).toEqual(['default', 'going', 'nowhere']);
  });

  it.each<[string, AdmissionCase]>([
    ['the namespace exists', { object: configMap('default') }],
    ['the request is a dry run', { object: configMap('nowhere'), dryRun: true }],
    ['the object is updated', { object: configMap('nowhere'), oldObject: configMap('nowhere') }],
    ['the object is a namespace', { object: namespace('mine') }],
  ])('creates nothing when %s', async (_, request) => {
    expect(await made(request)).toEqual(['default', 'going']);
  });
});
