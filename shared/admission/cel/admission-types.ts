/**
 * CEL types of the variables in policies and match conditions
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/cel/compile.go).
 */

import type { StructDeclaration } from '../../cel/declaration.ts';
import {
  BOOL,
  type CelType,
  DYN,
  INT,
  listType,
  mapType,
  objectType,
  STRING,
  TIMESTAMP,
} from '../../cel/type.ts';

function struct(name: string, fields: Readonly<Record<string, CelType>>): StructDeclaration {
  return {
    name,
    type: objectType(name),
    field: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined),
  };
}

const STRINGS = listType(STRING);

const GROUP_VERSION_KIND = struct('kubernetes.GroupVersionKind', {
  group: STRING,
  version: STRING,
  kind: STRING,
});
const GROUP_VERSION_RESOURCE = struct('kubernetes.GroupVersionResource', {
  group: STRING,
  version: STRING,
  resource: STRING,
});
const USER_INFO = struct('kubernetes.UserInfo', {
  username: STRING,
  uid: STRING,
  groups: STRINGS,
  extra: mapType(STRING, STRINGS),
});
const REQUEST = struct('kubernetes.AdmissionRequest', {
  kind: GROUP_VERSION_KIND.type,
  resource: GROUP_VERSION_RESOURCE.type,
  subResource: STRING,
  requestKind: GROUP_VERSION_KIND.type,
  requestResource: GROUP_VERSION_RESOURCE.type,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: USER_INFO.type,
  dryRun: BOOL,
  options: DYN,
});
const NAMESPACE_CONDITION = struct('kubernetes.NamespaceCondition', {
  status: STRING,
  type: STRING,
  lastTransitionTime: TIMESTAMP,
  message: STRING,
  reason: STRING,
});
const NAMESPACE_SPEC = struct('kubernetes.NamespaceSpec', { finalizers: STRINGS });
const NAMESPACE_STATUS = struct('kubernetes.NamespaceStatus', {
  conditions: listType(NAMESPACE_CONDITION.type),
  phase: STRING,
});
const NAMESPACE_METADATA = struct('kubernetes.NamespaceMetadata', {
  name: STRING,
  generateName: STRING,
  namespace: STRING,
  labels: mapType(STRING, STRING),
  annotations: mapType(STRING, STRING),
  UID: STRING,
  creationTimestamp: TIMESTAMP,
  deletionGracePeriodSeconds: INT,
  deletionTimestamp: TIMESTAMP,
  generation: INT,
  resourceVersion: STRING,
  finalizers: STRINGS,
});
const NAMESPACE = struct('kubernetes.Namespace', {
  metadata: NAMESPACE_METADATA.type,
  spec: NAMESPACE_SPEC.type,
  status: NAMESPACE_STATUS.type,
});

export const REQUEST_TYPE: CelType = REQUEST.type;
export const NAMESPACE_TYPE: CelType = NAMESPACE.type;

export const ADMISSION_STRUCTS: readonly StructDeclaration[] = [
  GROUP_VERSION_KIND,
  GROUP_VERSION_RESOURCE,
  USER_INFO,
  REQUEST,
  NAMESPACE_CONDITION,
  NAMESPACE_SPEC,
  NAMESPACE_STATUS,
  NAMESPACE_METADATA,
  NAMESPACE,
];
