/** Shorthand for steps. */

import type { Step } from '../exchange.ts';

export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
export const PARTIAL = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
export const PARTIALS = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

export const get = (path: string, accept?: string): Step => ({
  method: 'GET',
  path,
  ...(accept !== undefined && { headers: { accept } }),
});
export const post = (path: string, body: unknown): Step => ({ method: 'POST', path, body });
export const put = (path: string, body: unknown): Step => ({ method: 'PUT', path, body });
export const remove = (path: string, body?: unknown): Step => ({
  method: 'DELETE',
  path,
  ...(body !== undefined && { body }),
});

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

export const patch = (type: keyof typeof PATCH_TYPES, path: string, body: unknown): Step => ({
  method: 'PATCH',
  path,
  headers: { 'content-type': PATCH_TYPES[type] },
  body,
});

/** The kind of a custom resource by its singular name. */
export const kindOf = (name: string) => name[0]!.toUpperCase() + name.slice(1);

/** A namespaced definition with a version v1 of this schema; `more` and `version` replace parts of spec and version. */
export const definitionOf = (
  group: string,
  name: string,
  openAPIV3Schema: object,
  { more = {}, version = {} }: { readonly more?: object; readonly version?: object } = {},
) =>
  object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `${name}s.${group}`, {
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: `${name}s`, singular: name, kind: kindOf(name) },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, ...version }],
      ...more,
    },
  });

export const object = (apiVersion: string, kind: string, name: string, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});
