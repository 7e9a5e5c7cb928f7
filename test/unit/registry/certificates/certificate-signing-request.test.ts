import { beforeAll, expect, test } from 'vitest';
import type { CertificateSigningRequest } from '../../../../shared/apis/certificates/v1/types.ts';
import {
  certificateSigningRequestApprovalStrategy,
  certificateSigningRequestStatusStrategy,
  certificateSigningRequestStrategy,
} from '../../../../shared/registry/certificates/certificatesigningrequest/strategy.ts';
import { certificateRequest, type KeyKind } from '../../../fixtures/certificate-request.ts';
import { internalObject } from '../../../fixtures/internal-object.ts';
import {
  createCauses,
  createOutcome,
  updateCauses,
  updateOutcome,
} from '../../../fixtures/strategy-causes.ts';
import { certificate } from '../../authn/pki.ts';

const SIGNER = 'example.com/signer';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let request = '';
let issued = '';
beforeAll(async () => {
  ({ request } = await certificateRequest());
  issued = base64((await certificate({ name: 'CN=bob' })).pem);
});

const csr = (spec: object = {}, status: object = {}, apiVersion = 'certificates.k8s.io/v1') => ({
  apiVersion,
  kind: 'CertificateSigningRequest',
  spec: { request, signerName: SIGNER, usages: ['client auth'], ...spec },
  status,
});
const beta = (spec: object = {}, status: object = {}) => csr(spec, status, 'certificates.k8s.io/v1beta1');
const USAGES =
  'supported values: "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"';

test.each<[string, object, string[]]>([
  ['a valid request', {}, []],
  ['ten minutes', { expirationSeconds: 600 }, []],
  [
    'many errors',
    { usages: ['look', 'client auth', 'client auth'], signerName: 'signer', expirationSeconds: 599 },
    [
      `spec.usages[0]: Unsupported value: "look": ${USAGES}`,
      'spec.usages[2]: Duplicate value: "client auth"',
      'spec.signerName: Invalid value: "signer": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
      'spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)',
    ],
  ],
  ['no usages', { usages: [] }, ['spec.usages: Required value']],
  [
    'the legacy signer',
    { signerName: 'kubernetes.io/legacy-unknown' },
    [
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ],
  ],
  [
    'no request',
    { request: base64('hello') },
    [`spec.request: Invalid value: "${base64('hello')}": PEM block type must be CERTIFICATE REQUEST`],
  ],
])('create: %s', async (_, spec, causes) => {
  expect(await createCauses(certificateSigningRequestStrategy, csr(spec))).toEqual(causes);
});

test.each<KeyKind>(['ecdsa', 'p384', 'ed25519', 'rsa', 'pss'])('valid signatures: %s', async (kind) => {
  const { request } = await certificateRequest({ kind });
  expect(await createCauses(certificateSigningRequestStrategy, csr({ request }))).toEqual([]);
});

test.each<[KeyKind, string]>([
  ['ecdsa', 'x509: ECDSA verification failure'],
  ['rsa', 'crypto/rsa: verification error'],
  ['ed25519', 'x509: Ed25519 verification failure'],
])('invalid signatures: %s', async (kind, why) => {
  const { der } = await certificateRequest({ kind, name: 'CN=alice' });
  der.write('clare', der.indexOf('alice'), 'latin1');
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  const forged = base64(pem);
  expect(await createCauses(certificateSigningRequestStrategy, csr({ request: forged }))).toEqual([
    `spec.request: Invalid value: "${forged}": ${why}`,
  ]);
});

test('the requestor is the sender, and the status is empty', async () => {
  const user = { name: 'bob', uid: '7', groups: ['g'], extra: { scope: ['a'] } };
  const { object } = await createOutcome<CertificateSigningRequest>(
    certificateSigningRequestStrategy,
    csr({ username: 'alice', groups: ['system:masters'] }, { certificate: issued }),
    { user },
  );
  expect(object.spec).toMatchObject({ username: 'bob', uid: '7', groups: ['g'], extra: { scope: ['a'] } });
  expect(object.status).toEqual({});
});

test('any name valid in a path is accepted', async () => {
  const manifest = { ...csr(), metadata: { name: 'Some Name' } };
  expect(await createCauses(certificateSigningRequestStrategy, manifest)).toEqual([]);
});

const APPROVED = { type: 'Approved', status: 'True', reason: 'r' };
const conditions = (...list: object[]) => csr({}, { conditions: list });

test('an update changes metadata only', async () => {
  const to = csr({ signerName: 'example.com/other' }, { conditions: [APPROVED] });
  const { object, causes } = await updateOutcome<CertificateSigningRequest>(
    certificateSigningRequestStrategy,
    { from: csr(), to },
  );
  expect(causes).toEqual([]);
  expect(object.spec.signerName).toBe(SIGNER);
  expect(object.status).toEqual({});
});

test('an approval sets times, and changes conditions only', async () => {
  const to = csr({ signerName: 'example.com/other' }, { conditions: [APPROVED], certificate: issued });
  const { object, causes } = await updateOutcome<CertificateSigningRequest>(
    certificateSigningRequestApprovalStrategy,
    { from: csr(), to },
  );
  expect(causes).toEqual([]);
  expect(object.spec.signerName).toBe(SIGNER);
  expect(object.status).toEqual({
    conditions: [{ ...APPROVED, lastUpdateTime: expect.any(String), lastTransitionTime: expect.any(String) }],
  });
});

test.each<[string, object[], object[], string[]]>([
  ['approved', [], [APPROVED], []],
  [
    'approved and denied',
    [],
    [APPROVED, { type: 'Denied', status: 'True' }],
    [
      'status.conditions: Invalid value: "{conditions[{\\"type\\": \\"Approved\\"}], conditions[{\\"type\\": \\"Denied\\"}]}": must specify at most one of: `conditions[{"type": "Approved"}]`, `conditions[{"type": "Denied"}]`',
    ],
  ],
  [
    'removal of the approval',
    [APPROVED],
    [],
    ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"'],
  ],
  [
    'invalid conditions',
    [],
    [
      { type: 'Approved', status: 'False' },
      { type: 'Approved', status: 'True' },
      { type: '', status: '' },
      { type: 'Other', status: 'Perhaps' },
    ],
    [
      'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
      'status.conditions[1].type: Duplicate value: "Approved"',
      'status.conditions[2].type: Required value',
      'status.conditions[2].status: Required value',
      'status.conditions[3].status: Unsupported value: "Perhaps": supported values: "False", "True", "Unknown"',
    ],
  ],
])('approval: %s', async (_, before, after, causes) => {
  const update = { from: conditions(...before), to: conditions(...after) };
  expect(await updateCauses(certificateSigningRequestApprovalStrategy, update)).toEqual(causes);
});

test('without declared rules, both decisions at once are told by hand', async () => {
  const denied = { type: 'Denied', status: 'True' };
  const update = { from: csr(), to: conditions(APPROVED, denied, { type: 'Other', status: '' }) };
  const without = ['DeclarativeValidationBeta'];
  expect(await updateCauses(certificateSigningRequestApprovalStrategy, update, { without })).toEqual([
    'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    'status.conditions[2].status: Required value',
  ]);
});

test('a signer sets the certificate, and no approval', async () => {
  const from = conditions(APPROVED);
  const to = csr({}, { conditions: [{ ...APPROVED, reason: 'other' }], certificate: issued });
  const signed = await updateOutcome<CertificateSigningRequest>(certificateSigningRequestStatusStrategy, {
    from,
    to,
  });
  expect(signed.causes).toEqual([]);
  expect(signed.object.status).toMatchObject({ conditions: [APPROVED], certificate: issued });
  expect(await updateCauses(certificateSigningRequestStatusStrategy, { from: csr(), to: from })).toEqual([
    'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
  ]);
  const again = csr({}, { conditions: [APPROVED], certificate: base64('other') });
  expect(await updateCauses(certificateSigningRequestStatusStrategy, { from: to, to: again })).toEqual([
    'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
    'status.certificate: Forbidden: updates may not modify existing certificate content',
  ]);
});

test.each<[string, string]>([
  ['-----BEGIN KEY-----\n-----END KEY-----\n', 'only CERTIFICATE PEM blocks are allowed, found "KEY"'],
  [
    '-----BEGIN CERTIFICATE-----\nA: b\n\nAAAA\n-----END CERTIFICATE-----\n',
    'no PEM block headers are permitted',
  ],
  [
    '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
    'found CERTIFICATE PEM block containing 0 certificates',
  ],
  ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'x509: malformed certificate'],
])('invalid certificates %#', async (pem, why) => {
  const update = { from: csr(), to: csr({}, { certificate: base64(pem) }) };
  expect(await updateCauses(certificateSigningRequestStatusStrategy, update)).toEqual([
    `status.certificate: Invalid value: "<certificate data>": ${why}`,
  ]);
});

test('v1beta1 keeps accepting what it did', async () => {
  const legacy = beta({ signerName: 'kubernetes.io/legacy-unknown', usages: ['look', 'look'] });
  expect(await createCauses(certificateSigningRequestStrategy, legacy)).toEqual([]);
  const update = { from: beta({}, { certificate: issued }), to: beta({}, { certificate: base64('any') }) };
  expect(await updateCauses(certificateSigningRequestStatusStrategy, update)).toEqual([]);
});

test.each<[string, string, object[], string[], string]>([
  [
    'the client certificate of a kubelet',
    'O=system:nodes,CN=system:node:n',
    [],
    ['digital signature', 'client auth'],
    'kubernetes.io/kube-apiserver-client-kubelet',
  ],
  [
    'the serving certificate of a kubelet',
    'O=system:nodes,CN=system:node:n',
    [
      { type: 'dns', value: 'n.example.com' },
      { type: 'ip', value: '10.0.0.1' },
    ],
    ['key encipherment', 'digital signature', 'server auth'],
    'kubernetes.io/kubelet-serving',
  ],
  [
    'a kubelet with further usages',
    'O=system:nodes,CN=system:node:n',
    [],
    ['digital signature', 'client auth', 'signing'],
    'kubernetes.io/legacy-unknown',
  ],
  [
    'a kubelet with an email address',
    'O=system:nodes,CN=system:node:n',
    [{ type: 'email', value: 'n@example.com' }],
    ['digital signature', 'client auth'],
    'kubernetes.io/legacy-unknown',
  ],
  ['another client', 'CN=bob', [], ['digital signature', 'client auth'], 'kubernetes.io/legacy-unknown'],
])('the signer that v1beta1 infers for %s', async (_, name, names, usages, signer) => {
  const { request } = await certificateRequest({ name, names: names as never });
  const { signerName: _none, ...spec } = csr({ request, usages }).spec;
  const manifest = { ...beta(), spec };
  expect(internalObject<CertificateSigningRequest>(manifest).spec.signerName).toBe(signer);
});

test('a v1beta1 object without a request', () => {
  const object = internalObject<CertificateSigningRequest>({ ...beta(), spec: {} });
  expect(object.spec).toMatchObject({
    signerName: 'kubernetes.io/legacy-unknown',
    usages: ['digital signature', 'key encipherment'],
  });
});
