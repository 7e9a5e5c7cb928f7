/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/certificates/validation/validation.go */

import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  type FieldError,
  invalid,
  invalidEach,
  OMITTED,
  required,
  tooLong,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { validateUserAnnotations } from '../../../meta/validation/user-annotations.ts';
import { appendAll } from '../../../util/append-all.ts';
import { isKubernetesSignerName, validateSignerName } from '../../core/validation/signer-names.ts';
import { type CertificateRequest, readCertificateRequest, signatureError } from '../certificate-request.ts';
import type { PodCertificateRequest, PodCertificateRequestSpec } from '../v1beta1/types.ts';

const SPEC = FieldPath.of('spec');
const STUB = SPEC.child('stubPKCS10Request');
const PUBLIC_KEY = SPEC.child('pkixPublicKey');
const PROOF = SPEC.child('proofOfPossession');
const LIFETIME = SPEC.child('maxExpirationSeconds');

const MAX_UID_LENGTH = 128;
const MAX_KEY_SIZE = 10 * 1024;
const HOUR = 60 * 60;
const DAY = 24 * HOUR;
const MAX_DAYS = 91;
const UNKNOWN_KEY = 'unknown public key type; supported types are Ed25519, ECDSA, and RSA';

export function validatePodCertificateRequest({ spec }: PodCertificateRequest): FieldError[] {
  const { signerName, maxExpirationSeconds: seconds, unverifiedUserAnnotations: annotations } = spec;
  const errors = validateSignerName(SPEC.child('signerName'), signerName);
  if (annotations)
    appendAll(errors, validateUserAnnotations(annotations, SPEC.child('unverifiedUserAnnotations')));
  for (const holder of ['pod', 'serviceAccount', 'node'] as const) {
    const name = SPEC.child(`${holder}Name`);
    appendAll(errors, invalidEach(name, spec[`${holder}Name`], isDNS1123Subdomain(spec[`${holder}Name`])));
    const uid = spec[`${holder}UID`];
    const path = SPEC.child(`${holder}UID`);
    if (uid === '') errors.push(invalid(path, uid, 'must not be empty'));
    if (byteLength(uid) > MAX_UID_LENGTH) errors.push(tooLong(path, MAX_UID_LENGTH));
  }
  if (seconds === undefined) return [...errors, required(LIFETIME, 'must be set')];
  const max = isKubernetesSignerName(signerName) ? DAY : MAX_DAYS * DAY;
  if (seconds < HOUR || seconds > max) {
    errors.push(invalid(LIFETIME, seconds, `must be in the range [${HOUR}, ${max}]`));
  }
  return errors.concat(validateKey(spec));
}

export const validatePodCertificateRequestUpdate = (
  request: PodCertificateRequest,
  old: PodCertificateRequest,
): FieldError[] => validateImmutableField(request.spec, old.spec, SPEC);

const bytesOf = (base64: string | undefined): Buffer => Buffer.from(base64 ?? '', 'base64');

function validateKey(spec: PodCertificateRequestSpec): FieldError[] {
  const [stub, key, proof] = [spec.stubPKCS10Request, spec.pkixPublicKey, spec.proofOfPossession].map(
    bytesOf,
  );
  if (stub!.length > 0 && key!.length === 0 && proof!.length === 0) return validateStub(stub!);
  if (stub!.length === 0 && key!.length > 0 && proof!.length > 0) {
    return validatePublicKey(spec, key!, proof!);
  }
  const detail = 'exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set';
  return [invalid(SPEC, OMITTED, detail)];
}

function validateStub(stub: Buffer): FieldError[] {
  if (stub.length > MAX_KEY_SIZE) return [tooLong(STUB, MAX_KEY_SIZE)];
  let request: CertificateRequest;
  try {
    request = readCertificateRequest(stub);
  } catch {
    return [invalid(STUB, OMITTED, 'must be a valid PKCS#10 CSR')];
  }
  const curves = 'elliptic public keys must use curve P256, P384, or P521';
  const errors = validateKeyStrength(request.publicKey, STUB, curves, OMITTED);
  if (errors.length > 0) return errors;
  return signatureError(request) === undefined ? [] : [invalid(STUB, OMITTED, 'invalid signature')];
}

function validatePublicKey({ podUID, pkixPublicKey }: PodCertificateRequestSpec, der: Buffer, proof: Buffer) {
  if (der.length > MAX_KEY_SIZE) return [tooLong(PUBLIC_KEY, MAX_KEY_SIZE)];
  if (proof.length > MAX_KEY_SIZE) return [tooLong(PROOF, MAX_KEY_SIZE)];
  let key: KeyObject;
  try {
    key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return [invalid(PUBLIC_KEY, pkixPublicKey, 'must be a valid PKIX-serialized public key')];
  }
  const curves = 'elliptic public keys must use curve P256 or P384';
  const errors = validateKeyStrength(key, PUBLIC_KEY, curves, pkixPublicKey);
  if (errors.length > 0) return errors;
  return provesPossession(key, podUID, proof)
    ? []
    : [invalid(PROOF, OMITTED, 'could not verify proof-of-possession signature')];
}

/** Verifies the signature of the UID with the key. */
function provesPossession(key: KeyObject, podUID: string, proof: Buffer): boolean {
  const data = Buffer.from(podUID);
  if (key.asymmetricKeyType === 'ed25519') return verify(null, data, key, proof);
  if (key.asymmetricKeyType === 'ec') return verify('sha256', data, key, proof);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_AUTO;
  return verify('sha256', data, { key, padding, saltLength }, proof);
}

const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];
const RSA_BITS = [3072, 4096];

function validateKeyStrength(
  key: KeyObject,
  path: FieldPath,
  curves: string,
  shown: string | typeof OMITTED | undefined,
): FieldError[] {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ed25519') return [];
  if (key.asymmetricKeyType === 'ec') {
    // P-224 is the only other curve that Go supports.
    return CURVES.includes(namedCurve) ? [] : [invalid(path, 'curve P-224', curves)];
  }
  if (key.asymmetricKeyType !== 'rsa') return [invalid(path, shown, UNKNOWN_KEY)];
  const bits = Math.ceil(modulusLength / 8) * 8;
  if (RSA_BITS.includes(bits)) return [];
  return [invalid(path, `${bits}-bit modulus`, 'RSA keys must have modulus size 3072 or 4096')];
}
