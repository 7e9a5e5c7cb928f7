import type { ResourceAccess } from '../rest/resource-access.ts';
import type { GroupResource } from '../runtime/group-version.ts';
import { type Change, type Controller, isResource } from './controller.ts';

/** One key for all objects of the index. */
const ALL = 'all';

/** Maintains the index of a resource whose objects are not held in memory. */
export class IndexController implements Controller {
  readonly name: string;
  readonly looksThroughMuch = true;
  readonly #resources: ResourceAccess;
  readonly #resource: GroupResource;

  constructor(name: string, resources: ResourceAccess, resource: GroupResource) {
    this.name = name;
    this.#resources = resources;
    this.#resource = resource;
  }

  keysFor({ resource }: Change): string[] {
    return isResource(resource, this.#resource.group, this.#resource.resource) ? [ALL] : [];
  }

  async allKeys(): Promise<string[]> {
    return [ALL];
  }

  async reconcile(): Promise<undefined> {
    await (await this.#resources.lister(this.#resource).sparse?.())?.index();
  }
}
