/**
 * Hook for privilege escalation checks (https://github.com/kubernetes/kubernetes/tree/master/pkg/registry/rbac, the
 * `policybased` storages).
 */

import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../apis/rbac/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type {
  RESTCreateOptions,
  RESTObject,
  RESTUpdateOptions,
  UpdatedObjectInfo,
  ValidateObject,
} from '../../rest/rest-storage.ts';
import { Store, type StoreOptions } from '../generic/store.ts';

/**
 * Throws Forbidden if the object would grant its author, or the subjects it binds, permissions that the author lacks.
 * `old` is the stored object of an update. Runs before validation.
 */
export type EscalationCheck<T extends KubeObject> = (
  context: RequestContext,
  object: T,
  old: T | undefined,
) => Promise<void>;

export interface EscalationChecks {
  readonly role: EscalationCheck<Role>;
  readonly clusterRole: EscalationCheck<ClusterRole>;
  readonly roleBinding: EscalationCheck<RoleBinding>;
  readonly clusterRoleBinding: EscalationCheck<ClusterRoleBinding>;
}

/** A store that checks writes first. */
export class EscalationCheckedStore<T extends KubeObject> extends Store<T> {
  readonly #check: EscalationCheck<T>;

  constructor(options: StoreOptions<T>, check: EscalationCheck<T>) {
    super(options);
    this.#check = check;
  }

  override async create(
    context: RequestContext,
    object: KubeObject,
    validate: ValidateObject,
    options: RESTCreateOptions,
  ): Promise<RESTObject> {
    await this.#check(context, object as T, undefined);
    return super.create(context, object, validate, options);
  }

  override update(
    context: RequestContext,
    name: string,
    objectInfo: UpdatedObjectInfo,
    options: RESTUpdateOptions,
  ): Promise<{ item: RESTObject; created: boolean }> {
    const checked: UpdatedObjectInfo = {
      preconditions: objectInfo.preconditions,
      updatedObject: async (updateContext, old) => {
        const object = await objectInfo.updatedObject(updateContext, old);
        await this.#check(updateContext, object as T, old as T | undefined);
        return object;
      },
    };
    return super.update(context, name, checked, options);
  }
}
