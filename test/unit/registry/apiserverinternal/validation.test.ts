import { expect, test } from 'vitest';
import { validateStorageVersionName } from '../../../../shared/apis/apiserverinternal/validation/storage-version.ts';
import {
  storageVersionStatusStrategy,
  storageVersionStrategy,
} from '../../../../shared/registry/apiserverinternal/storageversion/strategy.ts';
import { withFinalizerRules } from '../../../../shared/registry/generic/finalizer-rules.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const LABEL =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

test.each<[string, string[]]>([
  ['core.pods', []],
  ['internal.apiserver.k8s.io.storageversions', []],
  ['pods', ['name must be in the form of <group>.<resource>']],
  ['Core.', [`the group segment ${SUBDOMAIN}`, `the resource segment ${LABEL}`]],
])('name %s', (name, failures) => {
  expect(validateStorageVersionName(name)).toEqual(failures);
});

const of = (status: object) => ({
  apiVersion: 'internal.apiserver.k8s.io/v1alpha1',
  kind: 'StorageVersion',
  spec: {},
  status,
});
const server = (apiServerID: string, encodingVersion: string, more: object = {}) => ({
  apiServerID,
  encodingVersion,
  decodableVersions: [encodingVersion],
  ...more,
});
const condition = (type: string, more: object = {}) => ({
  type,
  status: 'True',
  reason: 'Reason',
  message: 'why',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  ...more,
});

test.each<[string, object, string[]]>([
  ['an empty status', {}, []],
  [
    'agreeing servers',
    { storageVersions: [server('a', 'apps/v1'), server('b', 'apps/v1')], commonEncodingVersion: 'apps/v1' },
    [],
  ],
  [
    'an unset common version',
    { storageVersions: [server('a', 'v1')] },
    ['status.commonEncodingVersion: Invalid value: null: the common encoding version is v1'],
  ],
  [
    'another common version',
    { storageVersions: [server('a', 'v1')], commonEncodingVersion: 'v2' },
    ['status.commonEncodingVersion: Invalid value: "v2": the actual common encoding version is v1'],
  ],
  [
    'disagreeing servers',
    { storageVersions: [server('a', 'v1'), server('b', 'v2')], commonEncodingVersion: 'v1' },
    [
      'status.commonEncodingVersion: Invalid value: "v1": should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet',
    ],
  ],
  [
    'a duplicate server, and one without a name',
    {
      storageVersions: [server('a', 'v1'), server('a', 'v1'), server('', 'v1')],
      commonEncodingVersion: 'v1',
    },
    [
      'status.storageVersions[1].apiServerID: Duplicate value: "a"',
      `status.storageVersions[2].apiServerID: Invalid value: "": ${SUBDOMAIN}`,
    ],
  ],
  [
    'invalid versions',
    {
      storageVersions: [
        server('a', '/v1', { decodableVersions: ['a/b/c', 'apps/'], servedVersions: ['v2'] }),
      ],
      commonEncodingVersion: '/v1',
    },
    [
      'status.storageVersions[0].encodingVersion: Invalid value: "/v1": group part: must be non-empty',
      `status.storageVersions[0].decodableVersions[0]: Invalid value: "a/b/c": an apiVersion is a DNS-1035 label, which must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyVersion')`,
      'status.storageVersions[0].decodableVersions[1]: Invalid value: "apps/": version part: must be non-empty',
      'status.storageVersions[0].decodableVersions: Invalid value: ["a/b/c","apps/"]: decodableVersions must include encodingVersion /v1',
      'status.storageVersions[0].servedVersions[0]: Invalid value: "v2": individual served version : v2 must be included in decodableVersions : [a/b/c apps/]',
    ],
  ],
  [
    'conditions',
    { conditions: [condition('A'), condition('A'), condition('B', { reason: '', message: '' })] },
    [
      'status[1].type: Invalid value: "A": the type of the condition is not unique, it also appears in conditions[0]',
      'status[2].reason: Required value',
      'status[2].message: Required value',
    ],
  ],
])('%s', async (_what, status, causes) => {
  expect(await updateCauses(storageVersionStatusStrategy, { from: of({}), to: of(status) })).toEqual(causes);
});

test('finalizers without a domain are rejected on create, and not on update', async () => {
  const strategy = withFinalizerRules(storageVersionStrategy, { onUpdate: false });
  const metadata = { name: 'apps.deployments', finalizers: ['mine'] };
  const made = { ...of({}), metadata };
  expect(await createCauses(strategy, made)).toEqual([
    'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ]);
  const from = { ...of({}), metadata: { name: 'apps.deployments' } };
  expect(await updateCauses(strategy, { from, to: made })).toEqual([]);
});
