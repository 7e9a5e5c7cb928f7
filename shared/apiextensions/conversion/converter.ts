/**
 * Converts custom resources between versions of their definition
 * (https://github.com/kubernetes/apiextensions-apiserver/tree/master/pkg/apiserver/conversion).
 */

import type { UnstructuredObject } from '../../meta/kube-object.ts';
import type { ConversionMemory } from './conversions-in-flight.ts';

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
  /** Does `work` when there is memory to convert objects of `bytes` as JSON. Rejects with a 429 if there is none. */
  reserve<T>(bytes: number, work: (memory: ConversionMemory) => Promise<T>): Promise<T>;
  /** `memory`: what was reserved for it. Absent: the call reserves its own. */
  convert(
    objects: readonly UnstructuredObject[],
    apiVersion: string,
    memory?: ConversionMemory,
  ): Promise<UnstructuredObject[]>;
}

/** Strategy None: versions differ in their name only. */
export const nopConverter: LocalConverter = {
  remote: false,
  convert(objects, apiVersion) {
    for (const object of objects) object.apiVersion = apiVersion;
    return [...objects];
  },
};
