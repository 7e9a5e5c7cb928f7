import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import type { RESTStorageConfig } from '../../../registry/generic/rest-storage-provider.ts';
import type { GroupResource } from '../../../runtime/group-version.ts';
import type { Storage } from '../../../storage/storage.ts';
import { CustomResourceAttributes } from './custom-resource-attributes.ts';
import { customResourceCodec } from './custom-resource-codec.ts';

/**
 * Where a custom resource's objects are stored, apart from built-in resources: a definition may give a built-in
 * group a resource that it has already in another version.
 */
export function customResourcePrefix({ group, resource }: GroupResource): string {
  return `/registry/customresources/${group}/${resource}`;
}

/** The stored objects of a custom resource, whatever their versions. */
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
