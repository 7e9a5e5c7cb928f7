/** Rules for projected volumes, which combine several sources in one directory. */

import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  shownAs,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { validateLabelSelector } from '../../../meta/validation/label-selector.ts';
import { validateUserAnnotations } from '../../../meta/validation/user-annotations.ts';
import { appendAll } from '../../../util/append-all.ts';
import type {
  ClusterTrustBundleProjection,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../v1/types.ts';
import { invalidEach } from './helpers.ts';
import { validateLocalNonReservedPath } from './paths.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import {
  isKubernetesSignerName,
  signerNameOfClusterTrustBundle,
  validateClusterTrustBundleName,
  validateSignerName,
} from './signer-names.ts';
import {
  validateDownwardAPIVolumeFile,
  validateFileMode,
  validateFileUser,
  validateKeyToPath,
} from './volume-files.ts';

const KEY_TYPES = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];
const MIN_CERTIFICATE_SECONDS = 3600;
const MAX_CERTIFICATE_SECONDS = 91 * 24 * 60 * 60;
const MAX_KUBERNETES_CERTIFICATE_SECONDS = 24 * 60 * 60;
const MIN_TOKEN_SECONDS = 10 * 60;
const MAX_TOKEN_SECONDS = 2 ** 32;

/** The paths used in the volume so far; a conflict is reported at the volume. */
class ProjectedPaths {
  readonly #volumePath: FieldPath;
  readonly #taken = new Set<string>();

  constructor(volumePath: FieldPath) {
    this.#volumePath = volumePath;
  }

  claim(file: string, shown: unknown = file): FieldError[] {
    if (!this.#taken.has(file)) {
      this.#taken.add(file);
      return [];
    }
    return [invalid(this.#volumePath, shown, 'conflicting duplicate paths')];
  }
}

function validateItems(
  source: { readonly name?: string | undefined; readonly items?: readonly KeyToPath[] | undefined },
  path: FieldPath,
  paths: ProjectedPaths,
): FieldError[] {
  const errors = source.name ? [] : [required(path.child('name'), '')];
  for (const [index, item] of (source.items ?? []).entries()) {
    appendAll(errors, validateKeyToPath(item, path.child('items').index(index)));
    if (item.path) appendAll(errors, paths.claim(item.path, source.name ?? ''));
  }
  return errors;
}

function validateToken(
  token: ServiceAccountTokenProjection,
  path: FieldPath,
  { volumePath, allowNonLocal }: { volumePath: FieldPath; allowNonLocal: boolean | undefined },
): FieldError[] {
  const seconds = token.expirationSeconds ?? 0;
  const at = path.child('expirationSeconds');
  const errors: FieldError[] = [];
  if (seconds < MIN_TOKEN_SECONDS) {
    errors.push(invalid(at, seconds, 'may not specify a duration less than 10 minutes'));
  }
  if (seconds > MAX_TOKEN_SECONDS) {
    errors.push(invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  // Upstream reports the path at the volume.
  if (!token.path) errors.push(required(volumePath.child('path'), ''));
  else if (!allowNonLocal)
    appendAll(errors, validateLocalNonReservedPath(token.path, volumePath.child('path')));
  return [...errors, ...validateFileUser(token.user, path.child('user'))];
}

function validateTrustBundle(bundle: ClusterTrustBundleProjection, path: FieldPath): FieldError[] {
  const { name, signerName, labelSelector } = bundle;
  if (name !== undefined && signerName !== undefined) {
    const error = invalid(path, bundle, 'only one of name and signerName may be used');
    return shownAs('core.ClusterTrustBundleProjection', [error]);
  }
  const errors: FieldError[] = [];
  if (name !== undefined) {
    const at = path.child('name');
    if (name === '') errors.push(required(at, 'must be a valid object name'));
    const messages = validateClusterTrustBundleName(signerNameOfClusterTrustBundle(name))(name);
    const texts = messages.map((message) => `not a valid clustertrustbundlename: ${message}`);
    appendAll(errors, invalidEach(at, name, texts));
    if (labelSelector) {
      const detail = 'labelSelector must be unset if name is specified';
      errors.push(invalid(path.child('labelSelector'), labelSelector, detail));
    }
  } else if (signerName !== undefined) {
    const at = path.child('signerName');
    if (signerName === '') errors.push(required(at, 'must be a valid signer name'));
    appendAll(errors, validateSignerName(at, signerName));
    appendAll(errors, validateLabelSelector(labelSelector, path.child('labelSelector')));
  } else {
    errors.push(required(path, 'either name or signerName must be specified'));
  }
  return errors;
}

function validateClusterTrustBundle(
  bundle: ClusterTrustBundleProjection,
  path: FieldPath,
  paths: ProjectedPaths,
): FieldError[] {
  const at = path.child('path');
  return [
    ...validateTrustBundle(bundle, path),
    ...(bundle.path ? [] : [required(at, '')]),
    ...validateFileUser(bundle.user, path.child('user')),
    ...validateLocalNonReservedPath(bundle.path, at),
    ...paths.claim(bundle.path),
  ];
}

function validateCertificateSeconds(
  { maxExpirationSeconds: seconds, signerName = '' }: PodCertificateProjection,
  path: FieldPath,
): FieldError[] {
  if (seconds === undefined) return [];
  const errors: FieldError[] = [];
  if (seconds < MIN_CERTIFICATE_SECONDS) {
    errors.push(
      invalid(path, seconds, `if provided, maxExpirationSeconds must be >= ${MIN_CERTIFICATE_SECONDS}`),
    );
  }
  const max = isKubernetesSignerName(signerName)
    ? MAX_KUBERNETES_CERTIFICATE_SECONDS
    : MAX_CERTIFICATE_SECONDS;
  if (seconds > max)
    errors.push(invalid(path, seconds, `if provided, maxExpirationSeconds must be <= ${max}`));
  return errors;
}

function validatePodCertificate(
  certificate: PodCertificateProjection,
  path: FieldPath,
  paths: ProjectedPaths,
): FieldError[] {
  const { signerName = '', keyType = '', userAnnotations } = certificate;
  const errors = [
    ...validateSignerName(path.child('signerName'), signerName),
    ...validateUserAnnotations(userAnnotations, path.child('userAnnotations')),
    ...validateFileUser(certificate.user, path.child('user')),
  ];
  if (!KEY_TYPES.includes(keyType)) errors.push(notSupported(path.child('keyType'), keyType, KEY_TYPES));
  appendAll(errors, validateCertificateSeconds(certificate, path.child('maxExpirationSeconds')));
  const fields = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const;
  for (const field of fields) {
    const file = certificate[field];
    if (!file) continue;
    appendAll(errors, validateLocalNonReservedPath(file, path.child(field)), paths.claim(file));
  }
  if (fields.every((field) => !certificate[field])) {
    const detail = 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath';
    errors.push(required(path, detail));
  }
  return errors;
}

function validateSource(
  source: VolumeProjection,
  path: FieldPath,
  context: { paths: ProjectedPaths; volumePath: FieldPath; allowNonLocal: boolean | undefined },
): FieldError[] {
  const { paths } = context;
  const errors: FieldError[] = [];
  if (source.secret) appendAll(errors, validateItems(source.secret, path.child('secret'), paths));
  if (source.configMap) appendAll(errors, validateItems(source.configMap, path.child('configMap'), paths));
  for (const file of source.downwardAPI?.items ?? []) {
    appendAll(errors, validateDownwardAPIVolumeFile(file, path.child('downwardAPI')));
    if (file.path) appendAll(errors, paths.claim(file.path));
  }
  if (source.serviceAccountToken) {
    appendAll(errors, validateToken(source.serviceAccountToken, path.child('serviceAccountToken'), context));
  }
  if (source.clusterTrustBundle) {
    const at = path.child('clusterTrustBundle');
    appendAll(errors, validateClusterTrustBundle(source.clusterTrustBundle, at, paths));
  }
  if (source.podCertificate) {
    appendAll(errors, validatePodCertificate(source.podCertificate, path.child('podCertificate'), paths));
  }
  if (Object.values(source).filter(Boolean).length > 1) {
    errors.push(forbidden(path, 'may not specify more than 1 volume type per source'));
  }
  return errors;
}

export function validateProjectedVolumeSource(
  projected: ProjectedVolumeSource,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  const context = {
    paths: new ProjectedPaths(path),
    volumePath: path,
    allowNonLocal: options.allowNonLocalProjectedTokenPath,
  };
  return [
    ...validateFileMode(projected.defaultMode, path.child('defaultMode')),
    ...validateFileUser(projected.defaultUser, path.child('defaultUser')),
    ...(projected.sources ?? []).flatMap((source, index) =>
      validateSource(source, path.child('sources').index(index), context),
    ),
  ];
}
