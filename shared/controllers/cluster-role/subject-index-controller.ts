import type { ClusterRoleBinding } from '../../apis/rbac/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const BINDINGS = { group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' };

/** Any binding is one of the index's. */
const ALL = 'all';

/** Keeps what finds a user's ClusterRoleBindings without reading all of them, where they are not held in memory. */
export class SubjectIndexController implements Controller {
  readonly name = 'subject-index-controller';
  readonly #resources: ResourceAccess;

  constructor(resources: ResourceAccess) {
    this.#resources = resources;
  }

  keysFor({ resource }: Change): string[] {
    return isResource(resource, BINDINGS.group, BINDINGS.resource) ? [ALL] : [];
  }

  async allKeys(): Promise<string[]> {
    return [ALL];
  }

  async reconcile(): Promise<undefined> {
    await (await this.#resources.lister<ClusterRoleBinding>(BINDINGS).sparse?.())?.index();
  }
}
