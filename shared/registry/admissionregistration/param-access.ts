/**
 * Users who write policies or bindings must be authorized to read the parameter objects that the server will read for
 * them.
 */

import type { ParamKind, ParamRef } from '../../apis/admissionregistration/v1/types.ts';
import type { CustomResourceDefinition } from '../../apis/apiextensions/v1/types.ts';
import { builtinResources } from '../../apis/resource-table.ts';
import { escalationAllowed } from '../../authz/rbac/escalation.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { type FieldError, forbidden } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { parseGroupVersion } from '../../runtime/group-version.ts';
import type { RESTStorageConfig } from '../generic/rest-storage-provider.ts';

const PARAM_KIND = FieldPath.of('spec', 'paramKind');
const PARAM_REF = FieldPath.of('spec', 'paramRef');
const GROUP = 'admissionregistration.k8s.io';
const DEFINITIONS = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' };

export type ParamAccessConfig = Pick<RESTStorageConfig, 'authorizer' | 'resources'>;

/** In the format of Go's %v. */
function shownUser({ name, uid, groups, extra }: UserInfo): string {
  const entries = Object.keys(extra)
    .sort()
    .map((key) => `${key}:[${extra[key]!.join(' ')}]`);
  return `&{${name} ${uid} [${groups.join(' ')}] map[${entries.join(' ')}]}`;
}

interface ParamResource {
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly resource: string;
  /** `parse`: the version is malformed; `resolve`: the kind isn't served. */
  readonly failed?: 'parse' | 'resolve';
}

const ANY_RESOURCE: ParamResource = { apiGroup: '*', apiVersion: '*', resource: '*' };

async function resolveKind(
  { apiVersion = '', kind = '' }: ParamKind,
  { resources }: ParamAccessConfig,
): Promise<ParamResource> {
  const gv = parseGroupVersion(apiVersion);
  if (gv === undefined) return { ...ANY_RESOURCE, failed: 'parse' };
  const found = { apiGroup: gv.group, apiVersion: gv.version };
  for (const [resource, entry] of Object.entries(builtinResources().get(apiVersion)?.resources ?? {})) {
    if (entry.kind === kind) return { ...found, resource };
  }
  const { items } = await resources.lister<CustomResourceDefinition>(DEFINITIONS).snapshot();
  const definition = items.find(
    ({ spec }) =>
      spec.group === gv.group &&
      spec.names.kind === kind &&
      (spec.versions ?? []).some(({ name, served }) => name === gv.version && served),
  );
  if (definition === undefined) return { ...found, resource: '*', failed: 'resolve' };
  return { ...found, resource: definition.spec.names.plural };
}

async function isAllowed(
  { authorizer }: ParamAccessConfig,
  user: UserInfo,
  verb: string,
  target: ParamResource & { readonly namespace: string; readonly name: string },
): Promise<boolean> {
  const { apiGroup, apiVersion, resource, namespace, name } = target;
  const decided = await authorizer!.authorize({
    user,
    verb,
    isResourceRequest: true,
    namespace,
    name,
    apiGroup,
    apiVersion,
    resource,
    subresource: '',
    path: '',
  });
  return decided.decision === 'Allow';
}

interface Policy extends KubeObject {
  readonly spec: { readonly paramKind?: ParamKind | undefined };
}

/** `old` is the stored policy; a user who doesn't change its parameter kind needs no permission to read it. */
export async function authorizeParamKind(
  { user }: RequestContext,
  policy: Policy,
  old: Policy | undefined,
  config: ParamAccessConfig,
): Promise<FieldError[]> {
  const { paramKind } = policy.spec;
  if (!paramKind || config.authorizer === undefined || escalationAllowed(user)) return [];
  if (semanticDeepEqual(paramKind, old?.spec.paramKind)) return [];
  const target = await resolveKind(paramKind, config);
  if (await isAllowed(config, user, 'get', { ...target, namespace: '*', name: '*' })) return [];
  const { kind, apiVersion } = paramKind;
  const detail = `user ${shownUser(user)} must have "get" permission on all objects of the referenced paramKind (kind=${kind}, apiVersion=${apiVersion})`;
  return [forbidden(PARAM_KIND, detail)];
}

interface Binding extends KubeObject {
  readonly spec: { readonly policyName?: string | undefined; readonly paramRef?: ParamRef | undefined };
}

/** `policies` is the resource of the bound policies. */
export async function authorizeParamRef(
  { user }: RequestContext,
  binding: Binding,
  old: Binding | undefined,
  config: ParamAccessConfig,
  policies: string,
): Promise<FieldError[]> {
  const { paramRef, policyName = '' } = binding.spec;
  if (!paramRef || config.authorizer === undefined || escalationAllowed(user)) return [];
  const isKept = semanticDeepEqual(paramRef, old?.spec.paramRef) && old?.spec.policyName === policyName;
  if (isKept) return [];
  const lister = config.resources.lister<Policy>({ group: GROUP, resource: policies });
  const policy = await lister.get('', policyName);
  const paramKind = policy?.spec.paramKind;
  const target = paramKind ? await resolveKind(paramKind, config) : ANY_RESOURCE;
  const { name = '', namespace = '' } = paramRef;
  const verb = name === '' ? 'list' : 'get';
  if (await isAllowed(config, user, verb, { ...target, namespace, name })) return [];
  const kind = `&{${paramKind?.apiVersion ?? ''} ${paramKind?.kind ?? ''}}`;
  const unable =
    policy === undefined ? `get policy ${policyName}` : target.failed && `${target.failed} paramKind ${kind}`;
  const detail = unable
    ? `unable to ${unable} to determine minimum required permissions and user ${shownUser(user)} does not have "${verb}" permission for all groups, versions and resources`
    : `user ${shownUser(user)} does not have "${verb}" permission on the object referenced by paramRef`;
  return [forbidden(PARAM_REF, detail)];
}
