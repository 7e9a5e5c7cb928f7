/** `/scale` of custom resources (upstream's `ScaleREST`, pkg/registry/customresource/etcd.go). */

import type { CustomResourceSubresourceScale } from '../../../apis/apiextensions/v1/types.ts';
import type { Scale } from '../../../apis/autoscaling/v1/types.ts';
import { asUnstructured, type UnstructuredObject } from '../../../meta/kube-object.ts';
import { type ReplicasPaths, ScaleManagers } from '../../../meta/managedfields/scale-managers.ts';
import { nestedInteger, nestedString, setNestedField } from '../../../meta/nested-field.ts';
import { newBadRequest, newInternalError, newNotFound, StatusError } from '../../../meta/status-error.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import {
  type Getter,
  type GroupVersionKindProvider,
  objectOf,
  type RESTGetOptions,
  type RESTObject,
  type RESTUpdateOptions,
  restObject,
  type UpdatedObjectInfo,
  type Updater,
} from '../../../rest/rest-storage.ts';
import { quote } from '../../../runtime/go-format.ts';
import {
  formatGroupVersion,
  type GroupResource,
  type GroupVersionKind,
} from '../../../runtime/group-version.ts';
import { deepCopyInPieces } from '../../../util/deep-copy.ts';
import type { CustomResourceStore } from './custom-resource-store.ts';
import { namesOf } from './scale-paths.ts';

export const SCALE: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

/** Stands for a missing number; if a client leaves it, the field isn't set. */
const UNSET = -2147483648;

export interface CustomResourceScaleOptions {
  readonly store: CustomResourceStore;
  readonly paths: CustomResourceSubresourceScale;
  /** The paths of all versions of the definition. */
  readonly replicasPaths: ReplicasPaths;
}

export class CustomResourceScale implements Getter, Updater, GroupVersionKindProvider {
  readonly groupResource: GroupResource;
  readonly #options: CustomResourceScaleOptions;

  constructor(options: CustomResourceScaleOptions) {
    this.groupResource = options.store.groupResource;
    this.#options = options;
  }

  groupVersionKind(): GroupVersionKind {
    return SCALE;
  }

  async get(context: RequestContext, name: string, options: RESTGetOptions): Promise<RESTObject> {
    const { store, paths } = this.#options;
    const parent = asUnstructured(await objectOf(await store.get(context, name, options)));
    const scale = this.#scaleOf(parent);
    if (this.#replicasOf(parent) === undefined) {
      const why = `the spec replicas field ${quote(paths.specReplicasPath)} does not exist`;
      throw newInternalError(why);
    }
    return restObject(scale);
  }

  async update(
    context: RequestContext,
    name: string,
    objectInfo: UpdatedObjectInfo,
    options: RESTUpdateOptions,
  ): Promise<{ item: RESTObject; created: boolean }> {
    const { item } = await this.#options.store.update(context, name, this.#parentInfo(name, objectInfo), {
      ...options,
      forceAllowCreate: false,
      createValidation: async () => {},
      updateValidation: async (object, old) =>
        options.updateValidation(this.#scaleOf(asUnstructured(object)), this.#scaleOf(asUnstructured(old))),
    });
    return { item: restObject(this.#scaleOf(asUnstructured(await objectOf(item)))), created: false };
  }

  /** Converts an update of the scale to an update of its parent. */
  #parentInfo(name: string, objectInfo: UpdatedObjectInfo): UpdatedObjectInfo {
    const { paths, replicasPaths, store } = this.#options;
    return {
      preconditions: objectInfo.preconditions,
      updatedObject: async (context, old) => {
        if (old === undefined) throw newNotFound(this.groupResource, name);
        const live = asUnstructured(old);
        const oldScale = this.#scaleOf(live);
        if (this.#replicasOf(live) === undefined) oldScale.spec!.replicas = UNSET;
        const apiVersion = formatGroupVersion(store.storageVersion);
        const managers = new ScaleManagers(live.metadata.managedFields, apiVersion, replicasPaths);
        oldScale.metadata.managedFields = managers.toScale();
        const scale = (await objectInfo.updatedObject(context, oldScale)) as Scale;
        const replicas = scale.spec?.replicas ?? 0;
        if (replicas === UNSET) {
          throw newBadRequest(`the spec replicas field ${quote(paths.specReplicasPath)} cannot be empty`);
        }
        const next = await deepCopyInPieces(live);
        orInternalError(() => setNestedField(next, replicas, namesOf(paths.specReplicasPath)));
        if (scale.metadata.resourceVersion) next.metadata.resourceVersion = scale.metadata.resourceVersion;
        next.metadata.managedFields = managers.toParent(scale.metadata.managedFields);
        return next;
      },
    };
  }

  /** Undefined if the object has none, which zero isn't. */
  #replicasOf(parent: UnstructuredObject): number | bigint | undefined {
    return orInternalError(() => nestedInteger(parent, namesOf(this.#options.paths.specReplicasPath)));
  }

  /** Omits replicas if the object has none, or zero. */
  #scaleOf(parent: UnstructuredObject): Scale {
    const { specReplicasPath, statusReplicasPath, labelSelectorPath } = this.#options.paths;
    const { name, namespace, uid, resourceVersion, creationTimestamp } = parent.metadata;
    return orInternalError(() => {
      const selector = labelSelectorPath && nestedString(parent, namesOf(labelSelectorPath));
      return {
        kind: 'Scale',
        apiVersion: 'autoscaling/__internal',
        metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
        spec: { replicas: nestedInteger(parent, namesOf(specReplicasPath)) || undefined },
        status: {
          replicas: nestedInteger(parent, namesOf(statusReplicasPath)) ?? 0,
          ...(selector && { selector }),
        },
      };
    });
  }
}

/**
 * Converts errors about an object that doesn't match its definition's paths to InternalError, because the request isn't
 * at fault.
 */
function orInternalError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new StatusError({ code: 500, message: (error as Error).message }, error);
  }
}
