import type { AuthorizationQuestion } from '../../../shared/admission/admission.ts';
import { certificateApproval } from '../../../shared/admission/plugins/certificate-approval.ts';
import { certificateSigning } from '../../../shared/admission/plugins/certificate-signing.ts';
import { certificateSubjectRestriction } from '../../../shared/admission/plugins/certificate-subject-restriction.ts';
import { clusterTrustBundleAttest } from '../../../shared/admission/plugins/cluster-trust-bundle-attest.ts';
import { BOB, PASSED, refused } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';

const der = (tag: number, ...contents: Buffer[]): Buffer => {
  const content = Buffer.concat(contents);
  const length =
    content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
const attribute = (lastArc: number, value: string): Buffer =>
  der(0x31, der(0x30, der(0x06, Buffer.from([0x55, 4, lastArc])), der(0x0c, Buffer.from(value))));
/** A certificate request with the fields examined: version and subject. */
const requestFor = (...organizations: string[]): string => {
  const subject = der(0x30, attribute(3, 'bob'), ...organizations.map((name) => attribute(10, name)));
  const request = der(0x30, der(0x30, der(0x02, Buffer.from([0])), subject));
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${request.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  return Buffer.from(pem).toString('base64');
};

const CLIENT = 'kubernetes.io/kube-apiserver-client';
const csr = (signerName: string, request = requestFor('devs'), status: object = {}) => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: 'c' },
  spec: { signerName, request, usages: ['client auth'] },
  status,
});
const forbiddenCSR = (why: string) =>
  refused(`403 Forbidden: certificatesigningrequests.certificates.k8s.io "c" is forbidden: ${why}`);

const only =
  (verb: string, name: string) =>
  (question: AuthorizationQuestion): boolean => {
    const { user, ...rest } = question;
    return (
      user === BOB &&
      JSON.stringify(Object.entries(rest).sort()) ===
        JSON.stringify(
          Object.entries({
            verb,
            name,
            apiGroup: 'certificates.k8s.io',
            apiVersion: '*',
            resource: 'signers',
          }).sort(),
        )
    );
  };
const denyAll = (): boolean => false;

const approval = { object: csr('example.com/x'), oldObject: csr('example.com/x'), subresource: 'approval' };
describePlugin(certificateApproval, {
  'with the right for the signer': [{ ...approval, authorize: only('approve', 'example.com/x') }, PASSED],
  'with the right for its domain': [{ ...approval, authorize: only('approve', 'example.com/*') }, PASSED],
  without: [
    { ...approval, authorize: denyAll },
    forbiddenCSR('user not permitted to approve requests with signerName "example.com/x"'),
  ],
  status: [{ ...approval, subresource: 'status', authorize: denyAll }, PASSED],
});

const signed = { certificate: Buffer.from('x').toString('base64') };
const signing = {
  object: csr('example.com/x', undefined, signed),
  oldObject: csr('example.com/x'),
  subresource: 'status',
};
const failed = { conditions: [{ type: 'Failed', status: 'True' }] };
const notSigner = forbiddenCSR('user not permitted to sign requests with signerName "example.com/x"');
describePlugin(certificateSigning, {
  'with the right for the signer': [{ ...signing, authorize: only('sign', 'example.com/x') }, PASSED],
  'a certificate without the right': [{ ...signing, authorize: denyAll }, notSigner],
  'a condition without the right': [
    { ...signing, object: csr('example.com/x', undefined, failed), authorize: denyAll },
    notSigner,
  ],
  'an unchanged request': [{ ...signing, object: csr('example.com/x'), authorize: denyAll }, PASSED],
  approval: [{ ...signing, subresource: 'approval', authorize: denyAll }, PASSED],
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
describePlugin(certificateSubjectRestriction, {
  'a client': [{ object: csr(CLIENT) }, PASSED],
  'a client without groups': [{ object: csr(CLIENT, requestFor()) }, PASSED],
  'an administrator': [
    { object: csr(CLIENT, requestFor('devs', 'system:masters')) },
    forbiddenCSR(`use of ${CLIENT} signer with system:masters group is not allowed`),
  ],
  'an administrator of another group': [
    { object: csr('example.com/x', requestFor('system:masters')) },
    PASSED,
  ],
  'no request': [
    { object: csr(CLIENT, base64('x')) },
    forbiddenCSR('failed to parse CSR: PEM block type must be CERTIFICATE REQUEST'),
  ],
  'a broken request': [
    {
      object: csr(
        CLIENT,
        base64('-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----'),
      ),
    },
    forbiddenCSR('failed to parse CSR: malformed certificate request'),
  ],
  'an update': [{ object: csr(CLIENT, requestFor('system:masters')), oldObject: csr(CLIENT) }, PASSED],
});

const bundle = (signerName: string, trustBundle = 'pem') => ({
  apiVersion: 'certificates.k8s.io/v1beta1',
  kind: 'ClusterTrustBundle',
  metadata: { name: 'b' },
  spec: { signerName, trustBundle },
});
const forbiddenBundle = (why: string) =>
  refused(`403 Forbidden: clustertrustbundles.certificates.k8s.io "b" is forbidden: ${why}`);
const notAttestor = forbiddenBundle('user not permitted to attest for signerName "example.com/x"');
describePlugin(clusterTrustBundleAttest, {
  'with the right': [{ object: bundle('example.com/x'), authorize: only('attest', 'example.com/x') }, PASSED],
  without: [{ object: bundle('example.com/x'), authorize: denyAll }, notAttestor],
  'without a signer': [{ object: bundle(''), authorize: denyAll }, PASSED],
  'another bundle': [
    { object: bundle('example.com/x', 'new'), oldObject: bundle('example.com/x'), authorize: denyAll },
    notAttestor,
  ],
  'the same bundle': [
    { object: bundle('example.com/x'), oldObject: bundle('example.com/x'), authorize: denyAll },
    PASSED,
  ],
  'another signer': [
    { object: bundle('example.com/x'), oldObject: bundle('example.com/y') },
    forbiddenBundle('changing signerName is forbidden'),
  ],
  'switched off': [
    { object: bundle('example.com/x'), authorize: denyAll, disabledFeatures: ['ClusterTrustBundle'] },
    PASSED,
  ],
});
