/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/certificates/validation/validation.go */

import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  type FieldError,
  invalid,
  notSupported,
  OMITTED,
  required,
  tooLong,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { DER_TAG, readDER, readDERSequence } from '../../../util/der.ts';
import { type GeneralNames, subjectAltNames } from '../../../util/general-names.ts';
import { decodePEM } from '../../../util/pem.ts';
import { readCertificateRequest } from '../certificate-request.ts';
import type { PodCertificateRequest, PodCertificateRequestSpec } from '../v1beta1/types.ts';

const STATUS = FieldPath.of('status');
const CONDITIONS = STATUS.child('conditions');
const CHAIN = STATUS.child('certificateChain');
const NOT_BEFORE = STATUS.child('notBefore');
const NOT_AFTER = STATUS.child('notAfter');
const BEGIN_REFRESH = STATUS.child('beginRefreshAt');

const OUTCOMES = ['Issued', 'Denied', 'Failed'];
const MAX_CHAIN_SIZE = 100 * 1024;
const MINUTE = 60_000;
const NANOSECONDS = 1_000_000;

const hasOutcome = ({ status }: PodCertificateRequest, ...outcomes: readonly string[]): boolean =>
  (status.conditions ?? []).some(({ type, status: value }) => outcomes.includes(type) && value === 'True');

export function validatePodCertificateRequestStatusUpdate(
  request: PodCertificateRequest,
  old: PodCertificateRequest,
  now = Date.now(),
): FieldError[] {
  const errors = [...validateOutcomes(request), ...validateConditions(request.status.conditions, CONDITIONS)];
  if (errors.length > 0) return errors;
  const unlessEqual = (wanted: object, detail: string): FieldError[] =>
    semanticDeepEqual(request.status, wanted) ? [] : [invalid(STATUS, OMITTED, detail)];
  if (hasOutcome(old, ...OUTCOMES)) {
    return unlessEqual(old.status, 'immutable after PodCertificateRequest is issued, denied, or failed');
  }
  if (hasOutcome(request, 'Denied', 'Failed')) {
    const detail =
      'non-condition status fields must be empty when denying or failing the PodCertificateRequest';
    return unlessEqual({ conditions: request.status.conditions }, detail);
  }
  if (hasOutcome(request, 'Issued')) return validateIssued(request, old.spec, now);
  return unlessEqual(
    old.status,
    'status is immutable unless transitioning to "Issued", "Denied", or "Failed"',
  );
}

function validateOutcomes({ status }: PodCertificateRequest): FieldError[] {
  let known = 0;
  return (status.conditions ?? []).flatMap((condition, index) => {
    // Upstream puts a dot before the index.
    const path = CONDITIONS.child(`[${index}]`);
    if (!OUTCOMES.includes(condition.type)) {
      return [notSupported(path.child('type'), condition.type, OUTCOMES)];
    }
    const errors: FieldError[] = [];
    if (++known > 1) {
      const detail = 'There may be at most one condition with type "Issued", "Denied", or "Failed"';
      errors.push(invalid(path.child('type'), condition.type, detail));
    }
    if (condition.status !== 'True') {
      errors.push(notSupported(path.child('status'), condition.status, ['True']));
    }
    return errors;
  });
}

function validateIssued(
  { spec, status }: PodCertificateRequest,
  asked: PodCertificateRequestSpec,
  now: number,
): FieldError[] {
  const { certificateChain: chain = '', notBefore, notAfter, beginRefreshAt } = status;
  if (byteLength(chain) > MAX_CHAIN_SIZE) return [tooLong(CHAIN, MAX_CHAIN_SIZE)];
  const refuse = (detail: string): FieldError[] => [invalid(CHAIN, chain, detail)];
  const [first, ...rest] = decodePEM(chain);
  if (first === undefined) return refuse('issued certificate chain must contain at least one certificate');
  if (first.type !== 'CERTIFICATE') {
    return refuse('issued certificate chain must consist entirely of CERTIFICATE PEM blocks');
  }
  const leaf = parseLeaf(first.bytes);
  if (leaf === undefined) return refuse('leaf certificate does not parse as valid X.509');
  const errors = validateNames(leaf.names);
  if (!isSameKey(leaf.certificate.publicKey, requestedKey(asked))) {
    return [...errors, ...refuse('leaf certificate was not issued to the requested public key')];
  }
  const consistent = 'must be present and consistent with the issued certificate';
  if (!notBefore) errors.push(required(NOT_BEFORE, consistent));
  if (!notAfter) errors.push(required(NOT_AFTER, consistent));
  if (!beginRefreshAt) {
    const detail = 'must be present and in the range [notbefore+10min, notafter-10min]';
    errors.push(required(BEGIN_REFRESH, detail));
  }
  if (errors.length > 0 || !notBefore || !notAfter || !beginRefreshAt) return errors;
  const times = { notBefore, notAfter, beginRefreshAt };
  const bad = validateTimes(leaf.certificate, times, spec.maxExpirationSeconds ?? 0, now);
  if (bad !== undefined) return [bad];
  for (const { type, bytes } of rest) {
    if (type !== 'CERTIFICATE') {
      return refuse('issued certificate chain must consist entirely of CERTFICATE PEM blocks');
    }
    if (parseLeaf(bytes) === undefined)
      return refuse('intermediate certificate does not parse as valid X.509');
  }
  return [];
}

interface Leaf {
  readonly certificate: X509Certificate;
  readonly names: GeneralNames;
}

const EXTENSIONS = 0xa3;

function parseLeaf(der: Uint8Array): Leaf | undefined {
  try {
    const certificate = new X509Certificate(der);
    const [tbs] = readDERSequence(readDER(der, DER_TAG.sequence).content);
    const extensions = readDERSequence(tbs!.content).find(({ tag }) => tag === EXTENSIONS);
    const list = extensions && readDER(extensions.content, DER_TAG.sequence);
    return { certificate, names: subjectAltNames(list) };
  } catch {
    return undefined;
  }
}

function validateNames({ dnsNames, emailAddresses }: GeneralNames): FieldError[] {
  const ofDNS = dnsNames.flatMap((name) => {
    const details: string[] = [];
    if (name === '') details.push('leaf certificate should not contain empty DNSName');
    if (name.includes('..')) details.push("leaf certificate's DNSName should not contain '..'");
    if (name.startsWith('.') || name.endsWith('.')) {
      details.push("leaf certificate's DNSName should not start or end with '.'");
    }
    return details.map((detail) => invalid(CHAIN, name, detail));
  });
  const ofEmail = emailAddresses
    .filter((address) => !/^[^\s@<>]+@[^\s@<>]+$/.test(address))
    .map((address) => invalid(CHAIN, address, 'leaf certificate should not contain invalid EmailAddress'));
  return [...ofDNS, ...ofEmail];
}

/** The key was validated on creation. */
function requestedKey({ stubPKCS10Request, pkixPublicKey = '' }: PodCertificateRequestSpec): KeyObject {
  if (stubPKCS10Request) return readCertificateRequest(Buffer.from(stubPKCS10Request, 'base64')).publicKey;
  return createPublicKey({ key: Buffer.from(pkixPublicKey, 'base64'), format: 'der', type: 'spki' });
}

const isSameKey = (a: KeyObject, b: KeyObject): boolean =>
  a.export({ format: 'der', type: 'spki' }).equals(b.export({ format: 'der', type: 'spki' }));

type Times = Readonly<Record<'notBefore' | 'notAfter' | 'beginRefreshAt', string>>;

function validateTimes(
  certificate: X509Certificate,
  times: Times,
  maxSeconds: number,
  now: number,
): FieldError | undefined {
  const [begin = 0, end = 0, refresh = 0] = [times.notBefore, times.notAfter, times.beginRefreshAt].map(
    Date.parse,
  );
  const [validFrom, validTo] = [certificate.validFrom, certificate.validTo].map(Date.parse);
  const lifetime = validTo! - validFrom!;
  const ofLifetime = (detail: string) => invalid(CHAIN, lifetime * NANOSECONDS, detail);
  if (begin !== validFrom) {
    const detail = 'must be set to the NotBefore time encoded in the leaf certificate';
    return invalid(NOT_BEFORE, times.notBefore, detail);
  }
  if (Math.abs(begin - now) >= 5 * MINUTE) {
    const detail = "must be set to within 5 minutes of kube-apiserver's current time";
    return invalid(NOT_BEFORE, times.notBefore, detail);
  }
  if (end !== validTo) {
    const detail = 'must be set to the NotAfter time encoded in the leaf certificate';
    return invalid(NOT_AFTER, times.notAfter, detail);
  }
  if (lifetime < 60 * MINUTE) return ofLifetime('leaf certificate lifetime must be >= 1 hour');
  if (lifetime > maxSeconds * 1000) {
    return ofLifetime(`leaf certificate lifetime must be <= spec.maxExpirationSeconds (${maxSeconds})`);
  }
  if (refresh < begin + 10 * MINUTE) {
    return invalid(BEGIN_REFRESH, times.beginRefreshAt, 'must be at least 10 minutes after status.notBefore');
  }
  if (refresh > end - 10 * MINUTE) {
    return invalid(BEGIN_REFRESH, times.beginRefreshAt, 'must be at least 10 minutes before status.notAfter');
  }
  return undefined;
}
