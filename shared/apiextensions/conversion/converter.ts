/**
 * Converts custom resources between versions of their definition
 * (https://github.com/kubernetes/apiextensions-apiserver/tree/master/pkg/apiserver/conversion).
 */

import type { UnstructuredObject } from '../../meta/kube-object.ts';

/**
 * Converters take ownership of the objects, which may be of several versions. Objects already in the target version are
 * returned unchanged.
 */
export type CustomResourceConverter = LocalConverter | RemoteConverter;

export interface LocalConverter {
  readonly remote: false;
  convert(objects: readonly UnstructuredObject[], apiVersion: string): UnstructuredObject[];
}

/** Calls a webhook, so conversions take time and may fail. */
export interface RemoteConverter {
  readonly remote: true;
  convert(objects: readonly UnstructuredObject[], apiVersion: string): Promise<UnstructuredObject[]>;
}

/** Strategy None: versions differ in their name only. */
export const nopConverter: LocalConverter = {
  remote: false,
  convert(objects, apiVersion) {
    for (const object of objects) object.apiVersion = apiVersion;
    return [...objects];
  },
};
