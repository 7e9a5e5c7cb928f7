import type { KubeObject } from '../../meta/kube-object.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type {
  GroupVersionKindProvider,
  NamedCreater,
  RESTCreateOptions,
  RESTObject,
  ValidateObject,
} from '../../rest/rest-storage.ts';
import type { GroupResource, GroupVersionKind } from '../../runtime/group-version.ts';
import { once } from '../../util/once.ts';

/** A subresource with a kind of its own, whose code is loaded at the first request. */
export class LazyNamedCreater implements NamedCreater, GroupVersionKindProvider {
  readonly groupResource: GroupResource;
  readonly #kind: GroupVersionKind;
  readonly #load: () => Promise<NamedCreater>;

  constructor(groupResource: GroupResource, kind: GroupVersionKind, load: () => Promise<NamedCreater>) {
    this.groupResource = groupResource;
    this.#kind = kind;
    this.#load = once(load);
  }

  groupVersionKind(): GroupVersionKind {
    return this.#kind;
  }

  async createNamed(
    context: RequestContext,
    name: string,
    object: KubeObject,
    validate: ValidateObject,
    options: RESTCreateOptions,
  ): Promise<RESTObject> {
    return (await this.#load()).createNamed(context, name, object, validate, options);
  }
}
