/** Rules for persistent volumes. */

import { posix } from 'node:path';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  shownAs,
  withDifference,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { ObjectMeta } from '../../../meta/v1/types.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { FIELD_IMMUTABLE } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import { sortKeys } from '../../../util/sort-keys.ts';
import type {
  CSIPersistentVolumeSource,
  PersistentVolume,
  PersistentVolumeSource,
  PersistentVolumeSpec,
  SecretReference,
  VolumeNodeAffinity,
} from '../v1/types.ts';
import { invalidEach, quantityOf, sortedEntries, validatePositiveQuantity } from './helpers.ts';
import { validateISCSIPersistent } from './iscsi.ts';
import { validateNodeSelector } from './node-selectors.ts';
import { validatePathNoBacksteps } from './paths.ts';
import { VOLUME_MODES, validateAccessModes } from './persistent-volume-claim-spec.ts';
import type { Gates } from './pod-gates.ts';
import { hasInvalidLabelValueInNodeSelectorTerms } from './pod-validation-options.ts';
import {
  requireFields,
  requireSecretRef,
  validateAzureDisk,
  validateCSIDriverName,
  validateFC,
  validateFlex,
  validateFlocker,
  validateHostPath,
  validateNFS,
  validatePartition,
  validateQuobyte,
  validateStorageOS,
} from './volume-sources.ts';

const SPEC = FieldPath.of('spec');
const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];
const INLINE = 'in the context of inline volumes';

type Sources = { [K in keyof PersistentVolumeSource]-?: NonNullable<PersistentVolumeSource[K]> };

interface Rule {
  readonly source: keyof Sources;
  readonly validate: (source: never, path: FieldPath, volumeName: string) => FieldError[];
  readonly path?: string;
  readonly tooManyPath?: string;
}

const rule = <K extends keyof Sources>(
  source: K,
  validate: (source: Sources[K], path: FieldPath, volumeName: string) => FieldError[],
  paths: Pick<Rule, 'path' | 'tooManyPath'> = {},
): Rule => ({ source, validate: validate as Rule['validate'], ...paths });

/** A reference to a secret in another namespace, which must be complete. */
function validateSecretReference({ name, namespace }: SecretReference, path: FieldPath): FieldError[] {
  return [
    ...(name
      ? invalidEach(path.child('name'), name, isDNS1123Subdomain(name))
      : [required(path.child('name'), '')]),
    ...(namespace
      ? invalidEach(path.child('namespace'), namespace, isDNS1123Label(namespace))
      : [required(path.child('namespace'), '')]),
  ];
}

const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

function validateCSI(csi: CSIPersistentVolumeSource, path: FieldPath): FieldError[] {
  return [
    ...validateCSIDriverName(csi.driver, path.child('driver')),
    ...requireFields(csi, ['volumeHandle'], path),
    ...CSI_SECRETS.flatMap((field) => {
      const reference = csi[field];
      return reference ? validateSecretReference(reference, path.child(field)) : [];
    }),
  ];
}

function validateEndpointsNamespace(namespace: string | undefined, path: FieldPath): FieldError[] {
  if (namespace === undefined) return [];
  if (namespace !== '') return invalidEach(path, namespace, isDNS1123Label(namespace));
  const detail = 'if the endpointnamespace is set, it must be a valid namespace name';
  return [invalid(path, namespace, detail)];
}

/** In upstream's order; the first source that is set counts, and others are errors. */
const RULES: readonly Rule[] = [
  rule('hostPath', validateHostPath),
  rule(
    'gcePersistentDisk',
    (source, path) => [
      ...requireFields(source, ['pdName'], path),
      ...validatePartition(source.partition, path.child('partition')),
    ],
    { path: 'persistentDisk' },
  ),
  rule('awsElasticBlockStore', (source, path) => [
    ...requireFields(source, ['volumeID'], path),
    ...validatePartition(source.partition, path.child('partition')),
  ]),
  rule('glusterfs', (source, path) => [
    ...requireFields(source, ['endpoints', 'path'], path),
    ...validateEndpointsNamespace(source.endpointsNamespace, path.child('endpointsNamespace')),
  ]),
  rule('flocker', validateFlocker),
  rule('nfs', validateNFS),
  rule('rbd', (source, path) => requireFields(source, ['monitors', 'image'], path)),
  rule('quobyte', validateQuobyte),
  rule('cephfs', (source, path) => requireFields(source, ['monitors'], path), { tooManyPath: 'cephFS' }),
  rule('iscsi', (source, path, volumeName) => validateISCSIPersistent(source, volumeName, path)),
  rule('cinder', (source, path) => [
    ...requireFields(source, ['volumeID'], path),
    ...requireSecretRef(source.secretRef, ['name', 'namespace'], path.child('secretRef')),
  ]),
  rule('fc', validateFC),
  rule('flexVolume', validateFlex),
  rule('azureFile', (source, path) => [
    ...requireFields(source, ['secretName', 'shareName'], path),
    ...(source.secretNamespace === '' ? [required(path.child('secretNamespace'), '')] : []),
  ]),
  rule('vsphereVolume', (source, path) => requireFields(source, ['volumePath'], path)),
  rule('photonPersistentDisk', (source, path) => requireFields(source, ['pdID'], path)),
  rule('portworxVolume', (source, path) => requireFields(source, ['volumeID'], path)),
  rule('azureDisk', validateAzureDisk),
  rule('scaleIO', (source, path) => requireFields(source, ['gateway', 'system', 'volumeName'], path)),
  rule('local', (source, path) =>
    source.path
      ? validatePathNoBacksteps(source.path, path.child('path'))
      : [required(path.child('path'), '')],
  ),
  rule('storageos', (source, path) => [
    ...validateStorageOS(source, path),
    ...requireSecretRef(source.secretRef, ['name', 'namespace'], path.child('secretRef')),
  ]),
  rule('csi', validateCSI),
];

/** Validates the first source and rejects others, except `flexVolume`, which upstream doesn't reject. */
function validateSources(spec: PersistentVolumeSpec, volumeName: string, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  for (const { source: name, validate, path: ownPath = name, tooManyPath = name } of RULES) {
    const source = spec[name];
    if (!source) continue;
    if (count++ > 0 && name !== 'flexVolume') {
      errors.push(forbidden(path.child(tooManyPath), 'may not specify more than 1 volume type'));
      continue;
    }
    appendAll(errors, validate(source as never, path.child(ownPath), volumeName));
    if (name === 'local' && !spec.nodeAffinity) {
      errors.push(required(path.child('nodeAffinity'), 'Local volume requires node affinity'));
    }
  }
  if (count === 0) errors.push(required(path, 'must specify a volume type'));
  return errors;
}

export interface PersistentVolumeValidationOptions {
  /** For a volume inside another object (VolumeAttachment), which requires less. */
  readonly inline?: boolean;
  readonly allowInvalidLabelValueInRequiredNodeAffinity?: boolean;
}

function validateInline(spec: PersistentVolumeSpec, path: FieldPath): FieldError[] {
  const detail = `may not be specified ${INLINE}`;
  const errors: FieldError[] = [];
  if (spec.claimRef) errors.push(forbidden(path.child('claimRef'), detail));
  if (Object.keys(spec.capacity ?? {}).length > 0) errors.push(forbidden(path.child('capacity'), detail));
  if (!spec.csi) errors.push(required(path.child('csi'), `has to be specified ${INLINE}`));
  return errors;
}

function validateCapacity({ capacity }: PersistentVolumeSpec, path: FieldPath): FieldError[] {
  const names = Object.keys(capacity ?? {});
  const errors = names.length === 0 ? [required(path, '')] : [];
  if (capacity?.storage === undefined || names.length > 1)
    errors.push(notSupported(path, sortKeys(capacity), ['storage']));
  for (const [name, text] of sortedEntries(capacity ?? {})) {
    const quantity = quantityOf(text);
    const at = path.key(name);
    if (quantity.value() < 0n) {
      errors.push(invalid(at, quantity.value(), 'must be a valid resource quantity'));
    }
    appendAll(errors, validatePositiveQuantity(quantity, at));
  }
  return errors;
}

function validateReclaimPolicy(spec: PersistentVolumeSpec, path: FieldPath, inline: boolean): FieldError[] {
  const { persistentVolumeReclaimPolicy: policy } = spec;
  if (!policy) return [];
  if (inline) return policy === 'Retain' ? [] : [forbidden(path, `may only be Retain ${INLINE}`)];
  return RECLAIM_POLICIES.includes(policy) ? [] : [notSupported(path, policy, RECLAIM_POLICIES)];
}

function validateNodeAffinity(
  affinity: VolumeNodeAffinity | undefined,
  path: FieldPath,
  options: PersistentVolumeValidationOptions,
): FieldError[] {
  if (!affinity) return [];
  if (options.inline) return [forbidden(path, `may not be specified ${INLINE}`)];
  const at = path.child('required');
  if (!affinity.required) return [required(at, 'must specify required node constraints')];
  const allowInvalidLabelValue = options.allowInvalidLabelValueInRequiredNodeAffinity;
  return validateNodeSelector(affinity.required, at, { allowInvalidLabelValue });
}

function validateClasses(spec: PersistentVolumeSpec, path: FieldPath, inline: boolean): FieldError[] {
  const { storageClassName, volumeMode, volumeAttributesClassName: attributesClass } = spec;
  const errors: FieldError[] = [];
  if (storageClassName) {
    const at = path.child('storageClassName');
    if (inline) errors.push(forbidden(at, `may not be specified ${INLINE}`));
    else appendAll(errors, invalidEach(at, storageClassName, isDNS1123Subdomain(storageClassName)));
  }
  if (volumeMode !== undefined) {
    const at = path.child('volumeMode');
    if (inline && volumeMode !== 'Filesystem') {
      errors.push(forbidden(at, `may not specify volumeMode other than Filesystem ${INLINE}`));
    } else if (!VOLUME_MODES.includes(volumeMode)) errors.push(notSupported(at, volumeMode, VOLUME_MODES));
  }
  if (attributesClass === undefined) return errors;
  const at = path.child('volumeAttributesClassName');
  if (attributesClass === '') errors.push(required(at, 'an empty string is disallowed'));
  else appendAll(errors, invalidEach(at, attributesClass, isDNS1123Subdomain(attributesClass)));
  if (spec.csi) return errors;
  const detail = 'has to be specified when using volumeAttributesClassName';
  return [...errors, required(path.child('csi'), detail)];
}

/** Whether a path is the root, in any notation. */
const isRoot = (path: string): boolean => path.startsWith('/') && posix.resolve(path) === '/';

export function validatePersistentVolumeSpec(
  spec: PersistentVolumeSpec,
  volumeName: string,
  path: FieldPath,
  options: PersistentVolumeValidationOptions = {},
): FieldError[] {
  const inline = options.inline === true;
  const reclaim = path.child('persistentVolumeReclaimPolicy');
  const modes = path.child('accessModes');
  const errors = [
    ...(inline ? validateInline(spec, path) : []),
    ...(spec.accessModes?.length ? [] : [required(modes, '')]),
    ...validateAccessModes(spec.accessModes, modes),
    ...(inline ? [] : validateCapacity(spec, path.child('capacity'))),
    ...validateReclaimPolicy(spec, reclaim, inline),
    ...validateNodeAffinity(spec.nodeAffinity, path.child('nodeAffinity'), options),
    ...validateSources(spec, volumeName, path),
  ];
  if (spec.persistentVolumeReclaimPolicy === 'Recycle' && spec.hostPath && isRoot(spec.hostPath.path)) {
    errors.push(forbidden(reclaim, "may not be 'recycle' for a hostPath mount of '/'"));
  }
  return [...errors, ...validateClasses(spec, path, inline)];
}

export function validatePersistentVolume(
  { metadata, spec }: PersistentVolume,
  options: PersistentVolumeValidationOptions = {},
): FieldError[] {
  return [
    ...validatePersistentVolumeSpec(spec, metadata.name ?? '', SPEC, options),
    ...validateMountOptions(metadata, spec),
  ];
}

const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options';
/** Sources that support mount options. */
const WITH_MOUNT_OPTIONS = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
] as const;

/** For the annotation; the newer field is allowed with any source. */
function validateMountOptions({ annotations = {} }: ObjectMeta, spec: PersistentVolumeSpec): FieldError[] {
  if (!Object.hasOwn(annotations, MOUNT_OPTIONS)) return [];
  if (WITH_MOUNT_OPTIONS.some((source) => spec[source])) return [];
  const path = FieldPath.of('metadata', 'annotations', MOUNT_OPTIONS);
  return [forbidden(path, 'may not specify mount options for this volume type')];
}

function sourcesOf(spec: PersistentVolumeSpec): Record<string, unknown> {
  return Object.fromEntries(
    RULES.flatMap(({ source }) => (spec[source] ? [[source, spec[source] as unknown]] : [])),
  );
}

const GA_LABELS: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** The old affinity with those beta labels renamed that the new one has renamed. */
function withRenamedLabels(old: VolumeNodeAffinity, now: VolumeNodeAffinity | undefined): VolumeNodeAffinity {
  const terms = old.required?.nodeSelectorTerms;
  if (!terms) return old;
  const renamed = terms.map((term, index) => ({
    ...term,
    matchExpressions: term.matchExpressions?.map((expression, number) => {
      const key = now?.required?.nodeSelectorTerms?.[index]?.matchExpressions?.[number]?.key;
      return key !== undefined && GA_LABELS[expression.key] === key ? { ...expression, key } : expression;
    }),
  }));
  return { required: { nodeSelectorTerms: renamed } };
}

export function validatePersistentVolumeUpdate(
  { featureEnabled }: Gates,
  volume: PersistentVolume,
  old: PersistentVolume,
): FieldError[] {
  const terms = old.spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const errors = validatePersistentVolume(volume, {
    allowInvalidLabelValueInRequiredNodeAffinity: hasInvalidLabelValueInNodeSelectorTerms(terms),
  });
  const before = sourcesOf(old.spec);
  let now = sourcesOf(volume.spec);
  // A secret for expansion may be added.
  if (old.spec.csi && !old.spec.csi.controllerExpandSecretRef && volume.spec.csi?.controllerExpandSecretRef) {
    now = { ...now, csi: { ...volume.spec.csi, controllerExpandSecretRef: undefined } };
  }
  if (!semanticDeepEqual(now, before)) {
    const detail = 'spec.persistentvolumesource is immutable after creation';
    const error = forbidden('spec.persistentvolumesource', detail);
    errors.push(withDifference(error, 'core.PersistentVolumeSource', [before, now]));
  }
  appendAll(
    errors,
    validateImmutableField(volume.spec.volumeMode, old.spec.volumeMode, FieldPath.of('volumeMode')),
  );
  const { nodeAffinity: affinity } = volume.spec;
  const oldAffinity = old.spec.nodeAffinity;
  const isFixed = oldAffinity && !featureEnabled('MutablePVNodeAffinity');
  if (isFixed && !semanticDeepEqual(affinity, withRenamedLabels(oldAffinity, affinity))) {
    const detail = `${FIELD_IMMUTABLE}, except for updating from beta label to GA`;
    appendAll(errors, shownAs('core.VolumeNodeAffinity', [invalid('nodeAffinity', affinity, detail)]));
  }
  const at = SPEC.child('volumeAttributesClassName');
  const changes = old.spec.volumeAttributesClassName !== volume.spec.volumeAttributesClassName;
  if (changes && !featureEnabled('VolumeAttributesClass')) {
    errors.push(forbidden(at, 'update is forbidden when the VolumeAttributesClass feature gate is disabled'));
    return errors;
  }
  const hadClass = old.spec.volumeAttributesClassName !== undefined;
  if (hadClass && volume.spec.volumeAttributesClassName === undefined) {
    const detail = 'update from non-nil value to nil is forbidden';
    errors.push(forbidden(at, detail));
  }
  return errors;
}
