import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { OwnerReference } from '../../meta/v1/types.ts';
import { parseGroupVersion } from '../../runtime/group-version.ts';
import type {
  AdmissionAttributes,
  AdmissionDependencies,
  AdmissionPluginFactory,
  AuthorizationQuestion,
} from '../admission.ts';
import { isResource, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';

/**
 * Setting an owner requires permission to delete the object. Blocking the owner's deletion requires permission to
 * change its finalizers.
 */
export const ownerReferencesPermissionEnforcement: AdmissionPluginFactory = (dependencies) => ({
  name: 'OwnerReferencesPermissionEnforcement',
  handles: operations('CREATE', 'UPDATE'),
  async validate(attributes) {
    // The strategy of pods/status ignores changes of owners.
    if (isResource(attributes, '', 'pods') && attributes.subresource === 'status') return;
    if (!isChangingOwners(attributes)) return;
    const { resource, name, namespace, subresource, user } = attributes;
    if (attributes.operation !== 'CREATE') {
      const question = {
        user,
        verb: 'delete',
        namespace,
        apiGroup: resource.group,
        apiVersion: resource.version,
        resource: resource.resource,
        subresource,
        name,
      };
      const why = await refusal(dependencies, question);
      if (why !== undefined) {
        throw forbidden(attributes, `cannot set an ownerRef on a resource you can't delete: ${why}`);
      }
    }
    const blocking = newBlockingOwners(attributes);
    // Covers owners whose kind is no longer served.
    if (blocking.length > 0 && (await dependencies.authorize(anyFinalizers(attributes))).allowed) return;
    for (const owner of blocking) {
      const why = await refusal(dependencies, await finalizersOf(dependencies, attributes, owner));
      if (why !== undefined) {
        throw forbidden(
          attributes,
          `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${why}`,
        );
      }
    }
  },
});

const ownersOf = (object: KubeObject | undefined): readonly OwnerReference[] =>
  object?.metadata?.ownerReferences ?? [];

function isChangingOwners({ object, oldObject }: AdmissionAttributes): boolean {
  return !semanticDeepEqual(ownersOf(object), ownersOf(oldObject));
}

function newBlockingOwners({ object, oldObject }: AdmissionAttributes): OwnerReference[] {
  const old = new Map(ownersOf(oldObject).map((owner) => [owner.uid, owner]));
  return ownersOf(object).filter(
    ({ blockOwnerDeletion, uid }) => blockOwnerDeletion === true && old.get(uid)?.blockOwnerDeletion !== true,
  );
}

const anyFinalizers = ({ user }: AdmissionAttributes): AuthorizationQuestion => ({
  user,
  verb: 'update',
  apiGroup: '*',
  apiVersion: '*',
  resource: '*',
  subresource: 'finalizers',
  name: '*',
});

async function finalizersOf(
  { resourceFor }: AdmissionDependencies,
  attributes: AdmissionAttributes,
  { apiVersion, kind, name }: OwnerReference,
): Promise<AuthorizationQuestion> {
  const groupVersion = parseGroupVersion(apiVersion);
  const mapping = groupVersion && (await resourceFor({ ...groupVersion, kind }));
  if (mapping === undefined) {
    const why =
      groupVersion === undefined
        ? `unexpected GroupVersion string: ${apiVersion}`
        : `no matches for kind "${kind}" in version "${apiVersion}"`;
    throw forbidden(
      attributes,
      `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: ${why}`,
    );
  }
  const { group, version, resource } = mapping.resource;
  return {
    user: attributes.user,
    verb: 'update',
    apiGroup: group,
    apiVersion: version,
    resource,
    subresource: 'finalizers',
    name,
    // A namespaced owner is in the namespace of its dependents.
    ...(mapping.namespaced && { namespace: attributes.namespace }),
  };
}

/** The reason for a denial; undefined if allowed. */
async function refusal(
  { authorize }: AdmissionDependencies,
  question: AuthorizationQuestion,
): Promise<string | undefined> {
  const { allowed, reason, error } = await authorize(question);
  return allowed ? undefined : `${reason}, ${error?.message ?? '<nil>'}`;
}
