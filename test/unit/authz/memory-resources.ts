import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { newAlreadyExists, newConflict, newNotFound } from '../../../shared/meta/status-error.ts';
import type {
  ClientOptions,
  LoopbackClient,
  ResourceAccess,
  ResourceLister,
} from '../../../shared/rest/resource-access.ts';
import type { GroupResource, GroupVersionResource } from '../../../shared/runtime/group-version.ts';
import { MemoryLister } from './fixtures.ts';

/** Objects in memory behind the server's own interface, with names, conflicts and UIDs; nothing else of an API. */
export class MemoryResources implements ResourceAccess {
  readonly #listers = new Map<string, MemoryLister<KubeObject>>();
  #resourceVersion = 0;
  /** Called before each write: another writer's chance. */
  beforeWrite: ((verb: string, resource: string, name: string) => void) | undefined;
  readonly writes: string[] = [];

  lister<T extends KubeObject>({ group, resource }: GroupResource): ResourceLister<T> {
    const key = `${resource}.${group}`;
    let lister = this.#listers.get(key);
    if (lister === undefined) {
      lister = new MemoryLister<KubeObject>();
      this.#listers.set(key, lister);
    }
    return lister as unknown as ResourceLister<T>;
  }

  async #write(
    verb: string,
    resource: GroupVersionResource,
    { namespace, name = '' }: ClientOptions,
    next: (old: KubeObject | undefined) => KubeObject | undefined,
  ): Promise<KubeObject> {
    this.beforeWrite?.(verb, resource.resource, name);
    const lister = this.lister(resource) as unknown as MemoryLister<KubeObject>;
    const { items } = lister;
    const isIt = ({ metadata }: KubeObject) =>
      metadata.name === name && (metadata.namespace ?? '') === (namespace ?? '');
    const old = items.find(isIt);
    const object = next(old);
    this.writes.push(`${verb} ${resource.resource} ${namespace ? `${namespace}/` : ''}${name}`);
    const stored = object && {
      ...object,
      metadata: {
        uid: randomUUID(),
        ...object.metadata,
        ...(namespace !== undefined && { namespace }),
        resourceVersion: String(++this.#resourceVersion),
      },
    };
    lister.replace(...items.filter((item) => !isIt(item)), ...(stored ? [stored] : []));
    return stored ?? old!;
  }

  readonly client: LoopbackClient = {
    get: async <T extends KubeObject>(resource: GroupVersionResource, options: ClientOptions) => {
      const { namespace = '', name = '' } = options;
      const found = await this.lister<T>(resource).get(namespace, name);
      if (found === undefined) throw newNotFound(resource, name);
      return structuredClone(found);
    },
    list: async <T extends KubeObject>(resource: GroupVersionResource, options: ClientOptions = {}) =>
      structuredClone(await this.lister<T>(resource).list(options.namespace ?? '')) as T[],
    create: async <T extends KubeObject>(
      resource: GroupVersionResource,
      object: T,
      options: ClientOptions = {},
    ) => {
      const name = object.metadata.name ?? '';
      return (await this.#write('create', resource, { ...options, name }, (old) => {
        if (old) throw newAlreadyExists(resource, name);
        return structuredClone(object);
      })) as T;
    },
    update: async <T extends KubeObject>(
      resource: GroupVersionResource,
      object: T,
      options: ClientOptions = {},
    ) => {
      const name = object.metadata.name ?? '';
      return (await this.#write('update', resource, { ...options, name }, (old) => {
        if (!old) throw newNotFound(resource, name);
        const wanted = object.metadata.resourceVersion;
        if (wanted && wanted !== old.metadata.resourceVersion) throw newConflict(resource, name, 'modified');
        return structuredClone(object);
      })) as T;
    },
    patch: async () => {
      throw new Error('no patches in memory');
    },
    delete: async (resource: GroupVersionResource, options: ClientOptions) => {
      await this.#write('delete', resource, options, (old) => {
        if (!old) throw newNotFound(resource, options.name ?? '');
        return undefined;
      });
    },
  };
}
