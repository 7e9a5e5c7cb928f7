/** Rules for the volumes of a pod (kubernetes `pkg/apis/core/validation/validation.go`, `ValidateVolumes`). */

import { duplicate, type FieldError, forbidden, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { ObjectMeta } from '../../../meta/v1/types.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { quote } from '../../../runtime/go-format.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Volume, VolumeSource } from '../v1/types.ts';
import { invalidEach, quantityOf, validateDNS1123Label } from './helpers.ts';
import { validateISCSI, validateISCSIVolumeName } from './iscsi.ts';
import { validateLocalDescendingPath } from './paths.ts';
import { validatePersistentVolumeClaimTemplate } from './persistent-volume-claim-spec.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import { validateProjectedVolumeSource } from './projected-volume.ts';
import { validatePullPolicy } from './pull-policy.ts';
import {
  validateDownwardAPIVolumeFile,
  validateFileMode,
  validateFileUser,
  validateFolderMode,
  validateKeysToPaths,
} from './volume-files.ts';
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

type Sources = { [K in keyof VolumeSource]-?: NonNullable<VolumeSource[K]> };

interface Rule<K extends keyof Sources> {
  readonly source: K;
  readonly validate: (source: Sources[K], path: FieldPath, options: PodValidationOptions) => FieldError[];
  /**
   * Field names at which upstream reports the source's errors, and the error for several sources, if they differ from
   * the source's name.
   */
  readonly path?: string;
  readonly tooManyPath?: string;
}

const rule = <K extends keyof Sources>(
  source: K,
  validate: Rule<K>['validate'],
  paths: Pick<Rule<K>, 'path' | 'tooManyPath'> = {},
): Rule<keyof Sources> => ({ source, validate, ...paths }) as unknown as Rule<keyof Sources>;

/** In upstream's order; the first source that is set counts, and others are errors. */
const RULES: readonly Rule<keyof Sources>[] = [
  rule('emptyDir', ({ sizeLimit, mode }, path) => [
    ...(quantityOf(sizeLimit).sign < 0
      ? [forbidden(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity')]
      : []),
    ...validateFolderMode(mode, path.child('mode')),
  ]),
  rule('hostPath', validateHostPath),
  rule('gitRepo', (source, path) => [
    ...requireFields(source, ['repository'], path),
    ...validateLocalDescendingPath(source.directory ?? '', path.child('directory')),
  ]),
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
  rule('secret', (source, path) => [
    ...requireFields(source, ['secretName'], path),
    ...validateFileMode(source.defaultMode, path.child('defaultMode')),
    ...validateFileUser(source.defaultUser, path.child('defaultUser')),
    ...validateKeysToPaths(source.items, path.child('items')),
  ]),
  rule('nfs', validateNFS),
  rule('iscsi', validateISCSI),
  rule('glusterfs', (source, path) => requireFields(source, ['endpoints', 'path'], path)),
  rule('flocker', validateFlocker),
  rule('persistentVolumeClaim', (source, path) => requireFields(source, ['claimName'], path)),
  rule('rbd', (source, path) => requireFields(source, ['monitors', 'image'], path)),
  rule('cinder', (source, path) => [
    ...requireFields(source, ['volumeID'], path),
    ...requireSecretRef(source.secretRef, ['name'], path.child('secretRef')),
  ]),
  rule('cephfs', (source, path) => requireFields(source, ['monitors'], path), { tooManyPath: 'cephFS' }),
  rule('quobyte', validateQuobyte),
  rule(
    'downwardAPI',
    (source, path) => [
      ...validateFileMode(source.defaultMode, path.child('defaultMode')),
      ...validateFileUser(source.defaultUser, path.child('defaultUser')),
      ...(source.items ?? []).flatMap((file) => validateDownwardAPIVolumeFile(file, path)),
    ],
    { tooManyPath: 'downwarAPI' },
  ),
  rule('fc', validateFC),
  rule('flexVolume', validateFlex),
  rule('configMap', (source, path) => [
    ...(source.name ? [] : [required(path.child('name'), '')]),
    ...validateFileMode(source.defaultMode, path.child('defaultMode')),
    ...validateFileUser(source.defaultUser, path.child('defaultUser')),
    ...validateKeysToPaths(source.items, path.child('items')),
  ]),
  rule('azureFile', (source, path) => requireFields(source, ['secretName', 'shareName'], path)),
  rule('vsphereVolume', (source, path) => requireFields(source, ['volumePath'], path)),
  rule('photonPersistentDisk', (source, path) => requireFields(source, ['pdID'], path)),
  rule('portworxVolume', (source, path) => requireFields(source, ['volumeID'], path)),
  rule('azureDisk', validateAzureDisk),
  rule('storageos', (source, path) => [
    ...validateStorageOS(source, path),
    ...requireSecretRef(source.secretRef, ['name'], path.child('secretRef')),
  ]),
  rule('projected', validateProjectedVolumeSource),
  rule('scaleIO', (source, path) => requireFields(source, ['gateway', 'system', 'volumeName'], path)),
  rule('csi', ({ driver, nodePublishSecretRef }, path) => [
    ...validateCSIDriverName(driver, path.child('driver')),
    ...requireSecretRef(nodePublishSecretRef, ['name'], path.child('nodePublishSecretRef')),
    ...(nodePublishSecretRef?.name
      ? invalidEach(
          path.child('name'),
          nodePublishSecretRef.name,
          isDNS1123Subdomain(nodePublishSecretRef.name),
        )
      : []),
  ]),
  rule('ephemeral', ({ volumeClaimTemplate }, path) => {
    const at = path.child('volumeClaimTemplate');
    return volumeClaimTemplate
      ? validatePersistentVolumeClaimTemplate(volumeClaimTemplate, at)
      : [required(at, '')];
  }),
  rule('image', ({ reference, pullPolicy }, path, { allowEmptyImageVolumeReference }) => [
    ...(!allowEmptyImageVolumeReference && !reference ? [required(path.child('reference'), '')] : []),
    ...validatePullPolicy(pullPolicy, path.child('pullPolicy')),
  ]),
];

function validateVolumeSource(
  volume: Volume,
  path: FieldPath,
  context: { readonly podName: string; readonly options: PodValidationOptions },
): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  for (const { source: name, validate, path: ownPath = name, tooManyPath = name } of RULES) {
    const source = volume[name];
    if (!source) continue;
    if (count > 0) errors.push(forbidden(path.child(tooManyPath), 'may not specify more than 1 volume type'));
    else appendAll(errors, validate(source as never, path.child(ownPath), context.options));
    if (name === 'iscsi') appendAll(errors, validateISCSIVolumeName(volume.name, volume.iscsi!, path));
    if (name === 'ephemeral' && count === 0)
      appendAll(errors, validateClaimName(volume, context.podName, path));
    count++;
  }
  if (count === 0) errors.push(required(path, 'must specify a volume type'));
  return errors;
}

/** The claim of an ephemeral volume is named after pod and volume. */
function validateClaimName({ name }: Volume, podName: string, path: FieldPath): FieldError[] {
  if (podName === '' || name === '') return [];
  const claim = `${podName}-${name}`;
  const texts = isDNS1123Subdomain(claim).map((text) => `PVC name ${quote(claim)}: ${text}`);
  return invalidEach(path.child('name'), name, texts);
}

export interface ValidatedVolumes {
  /** Valid volumes by name. */
  readonly volumes: ReadonlyMap<string, VolumeSource>;
  readonly errors: FieldError[];
}

/** `podMeta` is the metadata of a pod; undefined for templates. */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  podMeta: ObjectMeta | undefined,
  path: FieldPath,
  options: PodValidationOptions,
): ValidatedVolumes {
  const podName = podMeta?.name ?? '';
  const created = new Set(
    podName === ''
      ? []
      : (volumes ?? []).filter(({ ephemeral }) => ephemeral).map(({ name }) => `${podName}-${name}`),
  );
  const valid = new Map<string, VolumeSource>();
  const errors: FieldError[] = [];
  for (const [index, volume] of (volumes ?? []).entries()) {
    const at = path.index(index);
    const own = validateVolumeSource(volume, at, { podName, options });
    if (!volume.name) own.push(required(at.child('name'), ''));
    else appendAll(own, validateDNS1123Label(volume.name, at.child('name')));
    if (valid.has(volume.name)) own.push(duplicate(at.child('name'), volume.name));
    if (own.length === 0) valid.set(volume.name, volume);
    appendAll(errors, own);
    const claimName = volume.persistentVolumeClaim?.claimName;
    if (claimName !== undefined && created.has(claimName)) {
      const detail = 'must not reference a PVC that gets created for an ephemeral volume';
      errors.push(invalid(at.child('persistentVolumeClaim', 'claimName'), claimName, detail));
    }
  }
  return { volumes: valid, errors };
}
