import { expect, test } from 'vitest';
import { signIAMToken } from '../../../infra/cli/login/iam-token.ts';
import { withCredentialPlugin } from '../../../infra/cli/login/tenant-kubeconfig.ts';
import { execCredential } from '../../../infra/cli/login/token.ts';
import { parseIAMToken } from '../../../shared/authn/awsiam/presigned-request.ts';

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

/** Expected signatures are those of `aws eks get-token` (1.45.11) for the same input. */
test.each([
  [
    'a key',
    'zeroplane-acme.eu-central-1.111122223333',
    credentials,
    '2026-11-22T17:27:31Z',
    '5754d040217a2ca722fda3635d1644c74f89a73fceb335b26ff99ad4220fd005',
  ],
  [
    'a session',
    'acme',
    { ...credentials, sessionToken: 'IQoJb3JpZ2lu/X2+Vj==' },
    '2026-11-22T17:27:34Z',
    'aa839c9295319bb9ba79bafe82da2aaa20b36cecc29da3d0da565d2b1901cd70',
  ],
])('the token of %s equals that of the AWS CLI', (_name, clusterID, key, at, signature) => {
  const now = Date.parse(at);
  const { token, expiresAt } = signIAMToken({ clusterID, region: 'eu-central-1', credentials: key, now });
  const read = parseIAMToken(token, { partition: 'aws', regions: ['eu-central-1'] }, now);
  expect(read?.url.searchParams.get('X-Amz-Signature')).toBe(signature);
  expect([read?.accessKeyID, expiresAt - now]).toEqual([credentials.accessKeyId, 14 * 60_000]);
});

test('a region of China has its own host', () => {
  const { token } = signIAMToken({ clusterID: 'acme', region: 'cn-north-1', credentials });
  const read = parseIAMToken(token, { partition: 'aws-cn', regions: [] }, Date.now());
  expect(read?.url.hostname).toBe('sts.cn-north-1.amazonaws.com.cn');
});

test.each([
  [undefined, 'client.authentication.k8s.io/v1beta1'],
  ['{"apiVersion":"client.authentication.k8s.io/v1"}', 'client.authentication.k8s.io/v1'],
  ['not JSON', 'client.authentication.k8s.io/v1beta1'],
])('a client that requires %s gets its version', (execInfo, apiVersion) => {
  expect(execCredential({ token: 't', expiresAt: Date.parse('2026-11-22T17:41:31.5Z') }, execInfo)).toEqual({
    kind: 'ExecCredential',
    apiVersion,
    spec: {},
    status: { expirationTimestamp: '2026-11-22T17:41:31Z', token: 't' },
  });
});

const kubeconfig = (exec: string) => `users:
  - name: acme
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1beta1
${exec}`;
const AWS = kubeconfig(`        command: aws
        args: [ --region, us-east-1, eks, get-token, --cluster-name, acme ]
`);

test.each([
  [
    { credentialPlugin: 'aws', profile: 'dev' },
    `        command: aws
        args:
          - --region
          - us-east-1
          - eks
          - get-token
          - --cluster-name
          - acme
        env:
          - name: AWS_PROFILE
            value: dev
`,
  ],
  [
    { credentialPlugin: 'zeroplane' },
    `        command: /bin/node
        args:
          - /zeroplane.mjs
          - token
          - --cluster-id
          - acme
          - --region
          - us-east-1
`,
  ],
])('a kubeconfig for %o', (options, exec) => {
  expect(withCredentialPlugin(AWS, options, ['/bin/node', '/zeroplane.mjs'])).toBe(kubeconfig(exec));
});
