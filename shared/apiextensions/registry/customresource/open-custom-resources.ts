import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import type { RESTStorageConfig } from '../../../registry/generic/rest-storage-provider.ts';
import type { GroupResource } from '../../../runtime/group-version.ts';
import type { Storage } from '../../../storage/storage.ts';
import { CustomResourceAttributes } from './custom-resource-attributes.ts';
import { customResourceCodec } from './custom-resource-codec.ts';

/**
 * The storage prefix of a custom resource. Separate from built-in resources, because a definition may add a version to
 * a resource of a built-in group.
 */
export function customResourcePrefix({ group, resource }: GroupResource): string {
  return `/registry/customresources/${group}/${resource}`;
}

/** The stored objects of a custom resource, in any version. */
export function openCustomResources(
  resource: GroupResource,
  { storageFactory, transformerFor }: RESTStorageConfig,
): Storage<UnstructuredObject> {
  const transformer = transformerFor?.(resource);
  return storageFactory.storageFor({
    resourcePrefix: customResourcePrefix(resource),
    codec: customResourceCodec,
    attributes: (object) => new CustomResourceAttributes(object),
    ...(transformer && { transformer }),
  });
}
