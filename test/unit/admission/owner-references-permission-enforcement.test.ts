import type { AuthorizationQuestion } from '../../../shared/admission/admission.ts';
import { ownerReferencesPermissionEnforcement } from '../../../shared/admission/plugins/owner-references-permission-enforcement.ts';
import { PASSED, refused } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';

const owner = (blockOwnerDeletion?: boolean, kind = 'ReplicaSet', apiVersion = 'apps/v1') => ({
  apiVersion,
  kind,
  name: 'o',
  uid: 'u',
  blockOwnerDeletion,
});
const pod = (...ownerReferences: object[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', ownerReferences },
});
const forbiddenPod = (why: string) => refused(`403 Forbidden: pods "p" is forbidden: ${why}`);
const only =
  (...allowed: string[]) =>
  ({ verb, apiGroup, apiVersion, resource, subresource, namespace, name }: AuthorizationQuestion): boolean =>
    allowed.includes(
      `${verb} ${apiGroup}/${apiVersion} ${resource}/${subresource} ${namespace ?? '-'}/${name}`,
    );
const DELETE = 'delete /v1 pods/ ns/p';
const FINALIZE = 'update apps/v1 replicasets/finalizers ns/o';
const notDeletable = forbiddenPod("cannot set an ownerRef on a resource you can't delete: , <nil>");
const notFinalizable = forbiddenPod(
  "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>",
);

describePlugin(ownerReferencesPermissionEnforcement, {
  'no owners': [{ object: pod(), authorize: only() }, PASSED],
  'an owner of a new object': [{ object: pod(owner()), authorize: only() }, PASSED],
  'a blocked owner of a new object': [{ object: pod(owner(true)), authorize: only(FINALIZE) }, PASSED],
  'a blocked owner without the right': [{ object: pod(owner(true)), authorize: only() }, notFinalizable],
  'a cluster-scoped blocked owner': [
    { object: pod(owner(true, 'Node', 'v1')), authorize: only('update /v1 nodes/finalizers -/o') },
    PASSED,
  ],
  'a new owner': [{ object: pod(owner()), oldObject: pod(), authorize: only(DELETE) }, PASSED],
  'a new owner without the right': [
    { object: pod(owner()), oldObject: pod(), authorize: only() },
    notDeletable,
  ],
  'removal of an owner without the right': [
    { object: pod(), oldObject: pod(owner()), authorize: only() },
    notDeletable,
  ],
  'an owner whose deletion becomes blocked': [
    { object: pod(owner(true)), oldObject: pod(owner(false)), authorize: only(DELETE) },
    notFinalizable,
  ],
  'an owner whose deletion stays blocked': [
    { object: pod(owner(true)), oldObject: pod(owner(true)), authorize: only() },
    PASSED,
  ],
  'an unknown kind': [
    { object: pod(owner(true, 'Widget', 'example.com/v1')), authorize: only() },
    forbiddenPod(
      'cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion example.com/v1 Kind Widget: no matches for kind "Widget" in version "example.com/v1"',
    ),
  ],
  'an unknown kind, with the right to finalizers of all kinds': [
    { object: pod(owner(true, 'Widget', 'example.com/v1')), authorize: only('update */* */finalizers -/*') },
    PASSED,
  ],
  'status of a pod': [
    { object: pod(owner(true)), oldObject: pod(), subresource: 'status', authorize: only() },
    PASSED,
  ],
});
