/**
 * `/scale` of any resource with replicas
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/apps/deployment/storage/storage.go).
 */

import type { Scale } from '../../apis/autoscaling/v1/types.ts';
import { invalid } from '../../meta/field-error.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { type ReplicasPaths, ScaleManagers } from '../../meta/managedfields/scale-managers.ts';
import { newBadRequest, newConflict, newInvalid, newNotFound } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
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
} from '../../rest/rest-storage.ts';
import {
  formatGroupVersion,
  type GroupResource,
  type GroupVersionKind,
} from '../../runtime/group-version.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import type { Store } from './store.ts';

const SCALE: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

/** Access to the fields of a kind that a Scale exposes, except `spec.replicas`. All but `setReplicas` only read. */
export interface ScaleAccess<T extends KubeObject> {
  replicas(object: T): number;
  setReplicas(object: T, replicas: number): void;
  statusReplicas(object: T): number;
  /** The label selector as text. */
  selector(object: T): string;
}

export class ScaleREST<T extends KubeObject> implements Getter, Updater, GroupVersionKindProvider {
  readonly groupResource: GroupResource;
  readonly #store: Store<T>;
  readonly #access: ScaleAccess<T>;
  readonly #apiVersion: string;
  readonly #paths: ReplicasPaths;

  constructor(store: Store<T>, access: ScaleAccess<T>) {
    this.groupResource = store.groupResource;
    this.#store = store;
    this.#access = access;
    this.#apiVersion = formatGroupVersion(store.storageVersion);
    this.#paths = new Map([[this.#apiVersion, ['spec', 'replicas']]]);
  }

  groupVersionKind(): GroupVersionKind {
    return SCALE;
  }

  async get(context: RequestContext, name: string, options: RESTGetOptions): Promise<RESTObject> {
    const parent = await this.#store.get(context, name, options);
    return restObject(this.#scaleOf((await objectOf(parent)) as T));
  }

  async update(
    context: RequestContext,
    name: string,
    objectInfo: UpdatedObjectInfo,
    options: RESTUpdateOptions,
  ): Promise<{ item: RESTObject; created: boolean }> {
    const { item } = await this.#store.update(context, name, this.#parentInfo(name, objectInfo), {
      ...options,
      forceAllowCreate: false,
      createValidation: async () => {},
      updateValidation: async (object, old) =>
        options.updateValidation(this.#scaleOf(object as T), this.#scaleOf(old as T)),
    });
    return { item: restObject(this.#scaleOf((await objectOf(item)) as T)), created: false };
  }

  /** Converts an update of the scale to an update of its parent. */
  #parentInfo(name: string, objectInfo: UpdatedObjectInfo): UpdatedObjectInfo {
    return {
      preconditions: objectInfo.preconditions,
      updatedObject: async (context, old) => {
        if (old === undefined) throw newNotFound(this.groupResource, name);
        const parent = (await deepCopyInPieces(old)) as T;
        const managers = new ScaleManagers(parent.metadata.managedFields, this.#apiVersion, this.#paths);
        const oldScale = this.#scaleOf(parent);
        oldScale.metadata.managedFields = managers.toScale();
        const scale = (await objectInfo.updatedObject(context, oldScale)) as Scale;
        this.#apply(parent, scale);
        parent.metadata.managedFields = managers.toParent(scale.metadata.managedFields);
        return parent;
      },
    };
  }

  #apply(parent: T, { metadata, spec }: Scale): void {
    const { groupResource } = this;
    const name = parent.metadata.name ?? '';
    if (metadata.name !== undefined && metadata.name !== '' && metadata.name !== name) {
      throw newBadRequest(
        `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
      );
    }
    const replicas = spec?.replicas ?? 0;
    if (replicas < 0) {
      const detail = 'must be greater than or equal to 0';
      throw newInvalid({ group: 'autoscaling', kind: 'Scale' }, name, [
        invalid('spec.replicas', replicas, detail),
      ]);
    }
    if (metadata.uid && metadata.uid !== parent.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${parent.metadata.uid}`;
      throw newConflict(groupResource, name, why);
    }
    if (metadata.resourceVersion) parent.metadata.resourceVersion = metadata.resourceVersion;
    else delete parent.metadata.resourceVersion;
    this.#access.setReplicas(parent, replicas);
  }

  #scaleOf(parent: T): Scale {
    const { name, namespace, uid, resourceVersion, creationTimestamp } = parent.metadata;
    const selector = this.#access.selector(parent);
    const replicas = this.#access.replicas(parent);
    return {
      kind: 'Scale',
      apiVersion: 'autoscaling/__internal',
      metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
      // Zero is omitted as in Go, because admission policies see which fields are set.
      spec: replicas === 0 ? {} : { replicas },
      status: { replicas: this.#access.statusReplicas(parent), ...(selector !== '' && { selector }) },
    };
  }
}
