/**
 * Parts of a claim's status have different writers: the allocator and the drivers of its devices
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/resource/utils.go).
 */

import { deviceKey } from '../../apis/resource/device-key.ts';
import type { AllocationResult, ResourceClaim, ResourceClaimStatus } from '../../apis/resource/v1/types.ts';
import { NODE_NAME_KEY } from '../../authn/serviceaccount/user-extra.ts';
import type { Authorizer, AuthorizerAttributes } from '../../authz/authorizer.ts';
import { forbiddenStatusError } from '../../authz/forbidden.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { type FieldError, forbidden } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { isDNS1123Subdomain } from '../../meta/validation/names.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { splitServiceAccountUsername } from '../../request/service-account-user.ts';
import type { UserInfo } from '../../request/user-info.ts';

const ALLOCATION = FieldPath.of('status', 'allocation');
const DEVICES = FieldPath.of('status', 'devices');

export async function authorizeStatus(
  context: RequestContext,
  { status }: ResourceClaim,
  { status: old }: ResourceClaim,
  authorizer: Authorizer | undefined,
): Promise<FieldError[]> {
  if (authorizer === undefined) return [];
  const binding = await authorizeBinding(context, status, old, authorizer);
  const devices = status.allocation ? await authorizeDevices(context, status, old, authorizer) : [];
  return [...binding, ...devices];
}

/** The attributes of the request with some replaced. */
function attributesOf(
  { user, requestInfo }: RequestContext,
  asked: Pick<AuthorizerAttributes, 'verb' | 'subresource' | 'namespace' | 'name'>,
): AuthorizerAttributes {
  const { apiGroup, apiVersion, resource, path } = requestInfo;
  return { user, isResourceRequest: true, apiGroup, apiVersion, resource, path, ...asked };
}

/** The error for such a request; undefined if it is allowed. */
async function refusal(
  attributes: AuthorizerAttributes,
  authorizer: Authorizer,
): Promise<string | undefined> {
  const { decision, reason, error } = await authorizer.authorize(attributes);
  if (decision === 'Allow') return undefined;
  const why = error === undefined ? reason : [error.message, reason].filter(Boolean).join(': ');
  return forbiddenStatusError(attributes, why).message;
}

async function authorizeBinding(
  context: RequestContext,
  status: ResourceClaimStatus,
  old: ResourceClaimStatus,
  authorizer: Authorizer,
): Promise<FieldError[]> {
  const isSame =
    semanticDeepEqual(status.allocation, old.allocation) &&
    semanticDeepEqual(status.reservedFor, old.reservedFor);
  if (isSame) return [];
  const { verb } = context.requestInfo;
  const asked = { verb, subresource: 'binding', namespace: '', name: '' };
  const why = await refusal(attributesOf(context, asked), authorizer);
  if (why === undefined) return [];
  const detail = `changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="${verb}" permission: ${why}`;
  return [forbidden(ALLOCATION, detail)];
}

async function authorizeDevices(
  context: RequestContext,
  status: ResourceClaimStatus,
  old: ResourceClaimStatus,
  authorizer: Authorizer,
): Promise<FieldError[]> {
  const { verb, namespace } = context.requestInfo;
  const isLocal = isOnNode(context.user, nodeOf(status.allocation));
  const verbs = [...(isLocal ? [`associated-node:${verb}`] : []), `arbitrary-node:${verb}`];
  const errors: FieldError[] = [];
  for (const name of changedDrivers(status, old)) {
    const asked = verbs.map((verb) =>
      attributesOf(context, { verb, subresource: 'driver', namespace, name }),
    );
    const why = await firstRefusal(asked, authorizer);
    if (why === undefined) continue;
    const detail = `changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission: ${why}`;
    errors.push(forbidden(DEVICES, detail));
  }
  return errors;
}

/** Undefined if one of the attributes is allowed, otherwise the first error. */
async function firstRefusal(
  asked: readonly AuthorizerAttributes[],
  authorizer: Authorizer,
): Promise<string | undefined> {
  let first: string | undefined;
  for (const attributes of asked) {
    const why = await refusal(attributes, authorizer);
    if (why === undefined) return undefined;
    first ??= why;
  }
  return first;
}

function changedDrivers({ devices = [] }: ResourceClaimStatus, old: ResourceClaimStatus): string[] {
  const before = new Map((old.devices ?? []).map((device) => [deviceKey(device), device]));
  const changed = devices.filter((device) => !semanticDeepEqual(before.get(deviceKey(device)), device));
  for (const device of devices) before.delete(deviceKey(device));
  return [...new Set([...changed, ...before.values()].map(({ driver }) => driver))].sort();
}

/** The only node on which an allocation can be used; undefined if there isn't exactly one. */
function nodeOf(allocation: AllocationResult | undefined): string | undefined {
  const [term, ...otherTerms] = allocation?.nodeSelector?.nodeSelectorTerms ?? [];
  const [field, ...otherFields] = term?.matchFields ?? [];
  if (otherTerms.length > 0 || otherFields.length > 0 || term?.matchExpressions?.length) return undefined;
  if (field?.key !== 'metadata.name' || field.operator !== 'In' || field.values?.length !== 1)
    return undefined;
  return field.values[0];
}

function isOnNode({ name, extra }: UserInfo, node: string | undefined): boolean {
  const nodes = extra[NODE_NAME_KEY] ?? [];
  if (!node || nodes.length !== 1 || nodes[0] !== node) return false;
  return splitServiceAccountUsername(name) !== undefined && isDNS1123Subdomain(node).length === 0;
}
