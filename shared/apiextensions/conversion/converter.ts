/**
 * Custom resources from one version of their definition to another
 * (https://github.com/kubernetes/apiextensions-apiserver/tree/master/pkg/apiserver/conversion).
 */

import type { UnstructuredObject } from '../../meta/kube-object.ts';

/** Both take the objects over, which may be of several versions; those of the target version come back as they are. */
export type CustomResourceConverter = LocalConverter | RemoteConverter;

export interface LocalConverter {
  readonly remote: false;
  convert(objects: readonly UnstructuredObject[], apiVersion: string): UnstructuredObject[];
}

/** A webhook is asked: conversions take time, and fail. */
export interface RemoteConverter {
  readonly remote: true;
  convert(objects: readonly UnstructuredObject[], apiVersion: string): Promise<UnstructuredObject[]>;
}

/** Strategy None: versions have one form, and differ by name. */
export const nopConverter: LocalConverter = {
  remote: false,
  convert(objects, apiVersion) {
    for (const object of objects) object.apiVersion = apiVersion;
    return [...objects];
  },
};
