/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/certificates/validation/validation.go */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  withDifference,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { quote } from '../../../runtime/go-format.ts';
import { appendAll } from '../../../util/append-all.ts';
import { seenBefore } from '../../../util/seen-before.ts';
import { validateSignerName } from '../../core/validation/signer-names.ts';
import { parseCertificateRequest, signatureError } from '../certificate-request.ts';
import { LEGACY_UNKNOWN_SIGNER } from '../signers.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../v1/types.ts';
import { certificateError } from './certificate-pem.ts';

const SPEC = FieldPath.of('spec');
const USAGES = SPEC.child('usages');
const CONDITIONS = FieldPath.of('status', 'conditions');
const CERTIFICATE = FieldPath.of('status', 'certificate');
const MIN_SECONDS = 600;
const VALID_USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
/** The feature gate for errors of declared rules in place of handwritten ones. */
const DECLARED = 'DeclarativeValidationBeta';
const APPROVALS = ['Approved', 'Denied'];
/** Conditions that may only be true, or absent. */
const ONLY_TRUE = [...APPROVALS, 'Failed'];
const STATUSES = ['False', 'True', 'Unknown'];

type Conditions = readonly CertificateSigningRequestCondition[];
const conditionsOf = (csr: CertificateSigningRequest | undefined): Conditions => csr?.status.conditions ?? [];
const hasDuplicates = (values: readonly string[]): boolean => new Set(values).size < values.length;

/** Rules that are skipped, because the stored object already violates them or v1beta1 lacks them. */
interface Tolerance {
  readonly bothApprovedAndDenied: boolean;
  readonly legacySigner: boolean;
  readonly duplicateConditions: boolean;
  readonly emptyConditions: boolean;
  readonly anyCertificate: boolean;
  readonly anotherCertificate: boolean;
  readonly duplicateUsages: boolean;
  readonly unknownUsages: boolean;
}

/** `version` is the version of the request. */
function toleranceFor(
  csr: CertificateSigningRequest,
  old: CertificateSigningRequest | undefined,
  version: string,
): Tolerance {
  const isBeta = version === 'v1beta1';
  const types = conditionsOf(old).map(({ type }) => type);
  const usages = old?.spec.usages ?? [];
  const certificate = old?.status.certificate;
  return {
    bothApprovedAndDenied: APPROVALS.every((type) => types.includes(type)),
    legacySigner: isBeta || old?.spec.signerName === LEGACY_UNKNOWN_SIGNER,
    duplicateConditions: isBeta || hasDuplicates(types),
    emptyConditions: isBeta || types.includes(''),
    anyCertificate:
      isBeta ||
      (old !== undefined && csr.status.certificate === certificate) ||
      certificateError(certificate) !== undefined,
    anotherCertificate: isBeta,
    duplicateUsages: isBeta || hasDuplicates(usages),
    unknownUsages: isBeta || usages.some((usage) => !VALID_USAGES.includes(usage)),
  };
}

export const validateCertificateSigningRequest = (
  csr: CertificateSigningRequest,
  version: string,
): FieldError[] => validateAll(csr, toleranceFor(csr, undefined, version));

/** `may` has the changes that the subresource permits. */
export function validateCertificateSigningRequestUpdate(
  csr: CertificateSigningRequest,
  old: CertificateSigningRequest,
  version: string,
  may: { readonly approve?: boolean; readonly sign?: boolean } = {},
): FieldError[] {
  const tolerated = toleranceFor(csr, old, version);
  const errors = validateAll(csr, tolerated);
  const changes = ONLY_TRUE.map((type) => ({
    type,
    before: conditionsOf(old).filter((condition) => condition.type === type),
    after: conditionsOf(csr).filter((condition) => condition.type === type),
  }));
  for (const { type, before, after } of changes) {
    if (after.length >= before.length) continue;
    errors.push(forbidden(CONDITIONS, `updates may not remove a condition of type ${quote(type)}`));
  }
  for (const { type, before, after } of may.approve ? [] : changes) {
    if (!APPROVALS.includes(type) || after.length < before.length) continue;
    if (after.length > before.length) {
      errors.push(forbidden(CONDITIONS, `updates may not add a condition of type ${quote(type)}`));
    } else if (!semanticDeepEqual(before, after)) {
      const error = forbidden(CONDITIONS, `updates may not modify a condition of type ${quote(type)}`);
      errors.push(withDifference(error, 'certificates.CertificateSigningRequestCondition', [before, after]));
    }
  }
  const [certificate = '', stored = ''] = [csr.status.certificate, old.status.certificate];
  if (certificate === stored) return errors;
  if (!may.sign) errors.push(forbidden(CERTIFICATE, 'updates may not set certificate content'));
  else if (!tolerated.anotherCertificate && stored !== '') {
    errors.push(forbidden(CERTIFICATE, 'updates may not modify existing certificate content'));
  }
  return errors;
}

function validateAll(csr: CertificateSigningRequest, tolerated: Tolerance): FieldError[] {
  const { request, signerName, expirationSeconds: seconds } = csr.spec;
  const errors: FieldError[] = [];
  const why = requestError(request ?? '');
  if (why !== undefined) errors.push(invalid(SPEC.child('request'), request ?? null, why));
  appendAll(errors, validateUsages(csr.spec.usages ?? [], tolerated));
  const signer = SPEC.child('signerName');
  if (!tolerated.legacySigner && signerName === LEGACY_UNKNOWN_SIGNER) {
    const detail = 'the legacy signerName is not allowed via this API version';
    errors.push(invalid(signer, signerName, detail));
  } else appendAll(errors, validateSignerName(signer, signerName));
  if (seconds !== undefined && seconds < MIN_SECONDS) {
    const detail = `may not specify a duration less than ${MIN_SECONDS} seconds (10 minutes)`;
    errors.push(invalid(SPEC.child('expirationSeconds'), seconds, detail));
  }
  appendAll(errors, validateConditions(conditionsOf(csr), tolerated));
  const certificate = tolerated.anyCertificate ? undefined : certificateError(csr.status.certificate);
  if (certificate !== undefined) errors.push(invalid(CERTIFICATE, '<certificate data>', certificate));
  return errors;
}

function requestError(base64: string): string | undefined {
  try {
    const pem = Buffer.from(base64, 'base64').toString('latin1');
    return signatureError(parseCertificateRequest(pem));
  } catch (error) {
    return (error as Error).message;
  }
}

function validateUsages(usages: readonly string[], tolerated: Tolerance): FieldError[] {
  const errors: FieldError[] = usages.length === 0 ? [required(USAGES, '')] : [];
  for (const [index, usage] of tolerated.unknownUsages ? [] : usages.entries()) {
    if (!VALID_USAGES.includes(usage)) errors.push(notSupported(USAGES.index(index), usage, VALID_USAGES));
  }
  const isRepeated = seenBefore<string>();
  for (const [index, usage] of tolerated.duplicateUsages ? [] : usages.entries()) {
    if (isRepeated(usage)) errors.push(duplicate(USAGES.index(index), usage));
  }
  return errors;
}

function validateConditions(conditions: Conditions, tolerated: Tolerance): FieldError[] {
  const seen = new Set<string>();
  const errors = conditions.flatMap(({ type, status }, index) => {
    const path = CONDITIONS.index(index);
    const errors: FieldError[] = [];
    if (!tolerated.emptyConditions && type === '') errors.push(required(path.child('type'), ''));
    const statuses = ONLY_TRUE.includes(type) ? ['True'] : STATUSES;
    if (status === '') errors.push(required(path.child('status'), ''));
    else if (!statuses.includes(status)) errors.push(notSupported(path.child('status'), status, statuses));
    const other = APPROVALS.find((approval) => approval !== type);
    if (!tolerated.bothApprovedAndDenied && APPROVALS.includes(type) && seen.has(other!)) {
      const detail = 'Approved and Denied conditions are mutually exclusive';
      errors.push({ ...invalid(CONDITIONS, type, detail), unlessGate: DECLARED });
    }
    if (!tolerated.duplicateConditions && seen.has(type)) errors.push(duplicate(path.child('type'), type));
    seen.add(type);
    return errors;
  });
  const isDecidedTwice = APPROVALS.every((approval) => seen.has(approval));
  return isDecidedTwice && !tolerated.bothApprovedAndDenied ? [...errors, decidedTwice()] : errors;
}

/** A declared rule upstream, with further ones; here it is handwritten. */
function decidedTwice(): FieldError {
  const members = APPROVALS.map((type) => `conditions[{"type": "${type}"}]`);
  const detail = `must specify at most one of: ${members.map((member) => `\`${member}\``).join(', ')}`;
  return { ...invalid(CONDITIONS, `{${members.join(', ')}}`, detail), declared: true, gate: DECLARED };
}
