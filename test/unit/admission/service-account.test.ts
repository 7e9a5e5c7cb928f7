import { expect } from 'vitest';
import { serviceAccount } from '../../../shared/admission/plugins/service-account.ts';
import { type AdmissionCase, PASSED, refused } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';

const pod = (spec: object = {}, annotations: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', annotations },
  spec: { containers: [{ name: 'a', image: 'a:1' }], ...spec },
});
const account = (name: string, rest: object = {}, annotations: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: 'ns', annotations },
  ...rest,
});
const strict = account(
  'strict',
  {
    automountServiceAccountToken: false,
    secrets: [{ name: 'mine' }],
    imagePullSecrets: [{ name: 'registry' }],
  },
  { 'kubernetes.io/enforce-mountable-secrets': 'true' },
);
const forbiddenPod = (why: string) => refused(`403 Forbidden: pods "p" is forbidden: ${why}`);
const notReferenced = (by: string) =>
  forbiddenPod(
    `${by} secret.secretName="other" is not allowed because service account strict does not reference that secret`,
  );

const PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const NAME = expect.stringMatching(/^kube-api-access-[bcdfghjklmnpqrstvwxz2-9]{5}$/);
const mounted = expect.objectContaining({
  volumeMounts: [{ name: NAME, readOnly: true, mountPath: PATH }],
});
const volume = {
  name: NAME,
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
};
const named = (name: string) => ({ 'spec.serviceAccountName': name, 'spec.serviceAccount': name });
const own = { name: 'token', mountPath: PATH };
const strictly = (spec: object = {}): AdmissionCase => ({
  object: pod({ serviceAccountName: 'strict', imagePullSecrets: [{ name: 'registry' }], ...spec }),
});
const reading = (name: string, container: object = {}) => ({
  name: 'c',
  image: 'c',
  env: [{ name: 'E', valueFrom: { secretKeyRef: { name, key: 'k' } } }],
  ...container,
});
const mirror = (spec: object = {}) => ({ object: pod(spec, { 'kubernetes.io/config.mirror': 'x' }) });
const ephemeral = (name: string) => {
  const spec = { serviceAccountName: 'strict', ephemeralContainers: [reading(name)] };
  return { object: pod(spec), oldObject: pod(), subresource: 'ephemeralcontainers' };
};

describePlugin(
  serviceAccount,
  {
    'the default account': [
      { object: pod({ initContainers: [{ name: 'i', image: 'i' }] }) },
      {
        changes: {
          ...named('default'),
          'spec.initContainers': [mounted],
          'spec.containers': [mounted],
          'spec.volumes': [volume],
        },
      },
    ],
    'one container with its own mount': [
      {
        object: pod({
          containers: [
            { name: 'a', image: 'a', volumeMounts: [own] },
            { name: 'b', image: 'b' },
          ],
          volumes: [{ name: 'token', emptyDir: {} }],
        }),
      },
      {
        changes: {
          ...named('default'),
          'spec.containers': [expect.objectContaining({ volumeMounts: [own] }), mounted],
          'spec.volumes': [{ name: 'token', emptyDir: {} }, volume],
        },
      },
    ],
    'all containers with their own mounts': [
      { object: pod({ containers: [{ name: 'a', image: 'a', volumeMounts: [own] }] }) },
      { changes: named('default') },
    ],
    'an existing volume': [
      { object: pod({ volumes: [{ name: 'kube-api-access-xxxxx', emptyDir: {} }] }) },
      { changes: { ...named('default'), 'spec.containers': [mounted] } },
    ],
    'a pod without token mounting': [
      { object: pod({ automountServiceAccountToken: false }) },
      { changes: named('default') },
    ],
    'an account without token mounting, with pull secrets': [
      { object: pod({ serviceAccountName: 'strict' }) },
      { changes: { 'spec.imagePullSecrets': [{ name: 'registry' }] } },
    ],
    'a missing account': [
      { object: pod({ serviceAccountName: 'gone' }) },
      forbiddenPod('error looking up service account ns/gone: serviceaccount "gone" not found'),
    ],
    'secrets of the account': [
      strictly({
        volumes: [{ name: 'v', secret: { secretName: 'mine' } }],
        containers: [reading('mine')],
      }),
      PASSED,
    ],
    'a volume of another secret': [
      strictly({ volumes: [{ name: 'v', secret: { secretName: 'other' } }] }),
      notReferenced('volume with'),
    ],
    'a variable of another secret': [
      strictly({ containers: [reading('other')] }),
      notReferenced('container c with envVar E referencing'),
    ],
    'a variable in an init container': [
      strictly({ initContainers: [reading('other')] }),
      notReferenced('init container c with envVar E referencing'),
    ],
    'all variables of another secret': [
      strictly({ containers: [reading('mine', { envFrom: [{ secretRef: { name: 'other' } }] })] }),
      notReferenced('container c with envFrom referencing'),
    ],
    'another pull secret': [
      strictly({ imagePullSecrets: [{ name: 'registry' }, { name: 'other' }] }),
      forbiddenPod(
        'imagePullSecrets[1].name="other" is not allowed because service account strict does not reference that imagePullSecret',
      ),
    ],
    'an ephemeral container with its secret': [ephemeral('mine'), PASSED],
    'an ephemeral container with another secret': [
      ephemeral('other'),
      notReferenced('ephemeral container c with envVar E referencing'),
    ],
    'an update': [{ object: pod(), oldObject: pod() }, PASSED],
    'a mirror pod': [mirror(), PASSED],
    'a mirror pod with an account': [
      mirror({ serviceAccountName: 'default' }),
      forbiddenPod('a mirror pod may not reference service accounts'),
    ],
    'a mirror pod with a secret': [
      mirror({ containers: [reading('mine')] }),
      forbiddenPod('a mirror pod may not reference secrets'),
    ],
    'a mirror pod with a token': [
      mirror({
        volumes: [{ name: 't', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }],
      }),
      forbiddenPod('a mirror pod may not use ServiceAccountToken volume projections'),
    ],
  },
  { cluster: [account('default'), strict] },
);
