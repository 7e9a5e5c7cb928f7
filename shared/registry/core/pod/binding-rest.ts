/** Binds pods to nodes, on behalf of schedulers (upstream's `pod/storage/storage.go`). */

import { dropInitContainerAnnotations } from '../../../apis/core/gated-pod-fields.ts';
import { updatePodCondition } from '../../../apis/core/pod-conditions.ts';
import type { Binding, Pod } from '../../../apis/core/v1/types.ts';
import type { Gates } from '../../../apis/core/validation/pod-gates.ts';
import { aggregateFieldErrors } from '../../../meta/field-error.ts';
import type { KubeObject } from '../../../meta/kube-object.ts';
import { newBadRequest, newConflict, newPlainError, StatusError } from '../../../meta/status-error.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import {
  type Creater,
  type NamedCreater,
  objectOf,
  type RESTCreateOptions,
  type RESTObject,
  type SubresourceObjectMetaPreserver,
  type ValidateObject,
} from '../../../rest/rest-storage.ts';
import { interpretStorageError } from '../../../rest/storage-errors.ts';
import { quote } from '../../../runtime/go-format.ts';
import type { GroupResource } from '../../../runtime/group-version.ts';
import { deepCopy } from '../../../util/deep-copy.ts';
import type { Store } from '../../generic/store.ts';
import { updateInStorage } from '../../generic/store-writes.ts';
import { createdStatus } from './created-status.ts';

const BINDINGS: GroupResource = { group: '', resource: 'pods/binding' };

/** The reason why a pod can't be bound; undefined if it can. */
function refusal({ metadata, spec }: Pod): string | undefined {
  if (metadata.deletionTimestamp)
    return `pod ${metadata.name} is being deleted, cannot be assigned to a host`;
  if (spec.nodeName) return `pod ${metadata.name} is already assigned to node ${quote(spec.nodeName)}`;
  return spec.schedulingGates?.length
    ? `pod ${metadata.name} has non-empty .spec.schedulingGates`
    : undefined;
}

function bind({ featureEnabled }: Gates, pod: Pod, { metadata, target }: Binding): Pod {
  const why = refusal(pod);
  if (why !== undefined) throw newConflict(BINDINGS, pod.metadata.name ?? '', why);
  pod.spec.nodeName = target.name!;
  if (featureEnabled('ClearingNominatedNodeNameAfterBinding')) delete pod.status?.nominatedNodeName;
  if (metadata.annotations) {
    pod.metadata.annotations = { ...pod.metadata.annotations, ...metadata.annotations };
    dropInitContainerAnnotations(pod.metadata);
  }
  if (metadata.labels && featureEnabled('PodTopologyLabelsAdmission'))
    pod.metadata.labels = { ...pod.metadata.labels, ...metadata.labels };
  updatePodCondition(pod.status, { type: 'PodScheduled', status: 'True' });
  return pod;
}

/** `pods/binding`. UID and resource version of the binding are preconditions on the pod. */
export class BindingREST implements NamedCreater, SubresourceObjectMetaPreserver {
  readonly groupResource: GroupResource = { group: '', resource: 'pods' };
  readonly preservesObjectMeta = true as const;
  readonly #pods: Store<Pod>;

  constructor(pods: Store<Pod>) {
    this.#pods = pods;
  }

  async createNamed(
    context: RequestContext,
    name: string,
    object: KubeObject,
    validate: ValidateObject,
    { dryRun }: RESTCreateOptions,
  ): Promise<RESTObject> {
    const binding = object as Binding;
    if ((binding.metadata.name ?? '') !== name) {
      throw newBadRequest('name in URL does not match name in Binding object');
    }
    const { validatePodBinding } = await import('../../../apis/core/validation/pod-subresources.ts');
    const errors = validatePodBinding(binding);
    if (errors.length > 0) throw newPlainError(aggregateFieldErrors(errors));
    await validate(deepCopy(binding));
    const { uid, resourceVersion } = binding.metadata;
    let pod: RESTObject<Pod>;
    try {
      pod = await updateInStorage(this.#pods, this.#pods.keyFor(context, name), {
        preconditions: { uid: uid || undefined, resourceVersion: resourceVersion || undefined },
        dryRun,
        tryUpdate: async (existing) => ({ object: bind(context, existing!, binding) }),
      });
    } catch (error) {
      const interpreted = interpretStorageError(error, this.#pods.operation('update', name));
      throw interpreted instanceof StatusError ? interpreted : newConflict(BINDINGS, name, interpreted);
    }
    const { metadata } = await objectOf(pod);
    return createdStatus(context, metadata.resourceVersion);
  }
}

/** `bindings`, the predecessor of `pods/binding`. */
export class LegacyBindingREST implements Creater, SubresourceObjectMetaPreserver {
  readonly groupResource: GroupResource = { group: '', resource: 'bindings' };
  readonly preservesObjectMeta = true as const;
  readonly #bindings: BindingREST;

  constructor(bindings: BindingREST) {
    this.#bindings = bindings;
  }

  create(
    context: RequestContext,
    object: KubeObject,
    validate: ValidateObject,
    options: RESTCreateOptions,
  ): Promise<RESTObject> {
    return this.#bindings.createNamed(context, object.metadata.name ?? '', object, validate, options);
  }
}
