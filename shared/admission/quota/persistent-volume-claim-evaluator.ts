import type { PersistentVolumeClaim } from '../../apis/core/v1/types.ts';
import { Quantity } from '../../runtime/quantity.ts';
import { ONE } from './amounts.ts';
import type { QuotaEvaluator } from './evaluator.ts';
import { objectCountName } from './object-count-evaluator.ts';
import { scopeSelects } from './scope-selector.ts';

const CLAIMS = { group: '', resource: 'persistentvolumeclaims' };
const COUNT = objectCountName(CLAIMS);
const TRACKED = ['persistentvolumeclaims', 'requests.storage'];
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
/** `gold.storageclass.storage.k8s.io/requests.storage`: the usage of one class. */
const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/quota/v1/evaluator/core/persistent_volume_claims.go */
export const persistentVolumeClaimEvaluator: QuotaEvaluator = {
  resource: CLAIMS,
  handles({ operation, subresource, object, oldObject }) {
    if (subresource === '') return operation === 'CREATE' || operation === 'UPDATE';
    if (subresource !== 'status') return false;
    const [claim, old] = [object, oldObject] as [PersistentVolumeClaim, PersistentVolumeClaim];
    return (
      allocated(claim) !== allocated(old) ||
      attributesClasses(claim).sort().join() !== attributesClasses(old).sort().join()
    );
  },
  tracks: (name) =>
    name === COUNT ||
    TRACKED.includes(name) ||
    TRACKED.some((resource) => name.endsWith(CLASS_SUFFIX + resource)),
  matchesScope: (scope, object) =>
    scope.scopeName === 'VolumeAttributesClass' &&
    scopeSelects(scope, attributesClasses(object as PersistentVolumeClaim)),
  usage(object) {
    const claim = object as PersistentVolumeClaim;
    const { metadata, spec } = claim;
    const usage = new Map([
      ['persistentvolumeclaims', ONE],
      [COUNT, ONE],
    ]);
    const className = metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '';
    if (className !== '') usage.set(`${className}${CLASS_SUFFIX}persistentvolumeclaims`, ONE);
    const storage = storageOf(claim);
    if (storage !== undefined) {
      usage.set('requests.storage', storage);
      if (className !== '') usage.set(`${className}${CLASS_SUFFIX}requests.storage`, storage);
    }
    return usage;
  },
};

function allocated({ status }: PersistentVolumeClaim): string | undefined {
  return status?.allocatedResources?.['storage'];
}

/** In whole bytes; a claim that is shrinking counts with its current capacity. */
function storageOf(claim: PersistentVolumeClaim): Quantity | undefined {
  const requested = claim.spec.resources?.requests?.['storage'];
  if (requested === undefined) return undefined;
  const amounts = [requested, allocated(claim) ?? '0'].map((text) => Quantity.parse(text));
  return (amounts[1]!.cmp(amounts[0]!) > 0 ? amounts[1]! : amounts[0]!).roundUp(0);
}

/** The desired class, the current one, and the one being changed to. */
function attributesClasses({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[];
}
