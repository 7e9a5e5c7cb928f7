/** Answers, as far as possible, requests that a kubelet or a process in a pod would have to serve. */

import type { Pod } from '../../apis/core/v1/types.ts';
import { validatePodLogOptions } from '../../apis/core/validation/pod-subresources.ts';
import { containersWithPath } from '../../apis/core/visit-containers.ts';
import type { Authorizer } from '../../authz/authorizer.ts';
import { authorizerAttributes } from '../../authz/authorizer-attributes.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { newBadRequest, newForbidden, newInvalid } from '../../meta/status-error.ts';
import type { ApiResponse } from '../../request/api-request.ts';
import { integerParameter } from '../../request/query-parameters.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { Getter } from '../../rest/rest-storage.ts';
import { quote } from '../../runtime/go-format.ts';
import { parseTime } from '../../runtime/serializer/scalars/time.ts';
import { unsupported } from '../../util/unsupported.ts';
import type { Unreachable } from './connecters.ts';
import { ADDRESS_CHECKS, mustHaveNode } from './reachable.ts';

const LOG_OPTIONS = { group: '', kind: 'PodLogOptions' };
const WHY = 'the API server has no connection to nodes and pods';

/**
 * A WebSocket always begins with a GET, so read permission must not be enough to run something
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/pod/rest/authorize.go). Throws Forbidden.
 */
async function mustBeAllowedToCreate(
  { user, requestInfo, featureEnabled }: RequestContext,
  authorizer: Authorizer | undefined,
): Promise<void> {
  if (requestInfo.verb === 'create' || authorizer === undefined) return;
  if (!featureEnabled('AuthorizePodWebsocketUpgradeCreatePermission')) return;
  const attributes = { ...authorizerAttributes(user, requestInfo), verb: 'create' };
  const { decision, reason, error } = await authorizer.authorize(attributes);
  if (error !== undefined) throw error;
  const { apiGroup: group, resource, name } = requestInfo;
  if (decision !== 'Allow') throw newForbidden({ group, resource }, name, reason);
}

/** Throws BadRequest for an unknown container, and for none if the pod has several. */
function checkContainer({ metadata, spec }: Pod, name: string | null): void {
  const names = [...containersWithPath(spec, FieldPath.of('spec'))].map(({ container }) => container.name);
  if (name) {
    if (names.includes(name)) return;
    throw newBadRequest(`container ${name} is not valid for pod ${metadata.name}`);
  }
  if (spec.containers?.length === 1) return;
  const choice = names.length === 0 ? '' : `, choose one of: [${names.join(' ')}]`;
  throw newBadRequest(`a container name must be specified for pod ${metadata.name}${choice}`);
}

function checkHost({ metadata, spec }: Pod): undefined {
  if (!spec.nodeName) throw newBadRequest(`pod ${metadata.name} does not have a host assigned`);
}

/** Throws BadRequest for malformed options and Invalid for invalid values. */
/** Undefined if it is missing or the zero time. Throws BadRequest. */
function timeParameter(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name) ?? '';
  if (text === '' || text === 'null') return undefined;
  try {
    parseTime('time', text);
    return text;
  } catch (error) {
    throw newBadRequest((error as Error).message);
  }
}

function checkLogOptions(name: string, { request: { query }, featureEnabled }: RequestContext): void {
  const streams = featureEnabled('PodLogsQuerySplitStreams');
  const options = {
    tailLines: integerParameter(query, 'tailLines'),
    limitBytes: integerParameter(query, 'limitBytes'),
    sinceSeconds: integerParameter(query, 'sinceSeconds'),
    sinceTime: timeParameter(query, 'sinceTime'),
    stream: query.get('stream') ?? (streams ? 'All' : undefined),
  };
  const errors = validatePodLogOptions(options, streams);
  if (errors.length > 0) throw newInvalid(LOG_OPTIONS, name, errors);
}

/** Returns an answer if none of the unreachable parties is needed for it. Throws for an invalid request. */
type Check = (pod: Pod, context: RequestContext) => ApiResponse | undefined;

function checkStream(pod: Pod, { request }: RequestContext): undefined {
  checkContainer(pod, request.query.get('container'));
  return checkHost(pod);
}

function checkLog(pod: Pod, { request }: RequestContext): ApiResponse | undefined {
  checkContainer(pod, request.query.get('container'));
  if (pod.spec.nodeName) return undefined;
  // No container has run, so there is no log.
  return { status: 204, headers: {}, body: new Uint8Array() };
}

const CHECKS: Readonly<Record<Exclude<Unreachable, 'proxy'>, Check>> = {
  'pods/attach': checkStream,
  'pods/exec': checkStream,
  'pods/log': checkLog,
  'pods/portforward': checkHost,
};

/** `authorizer` checks the permission to create for subresources that run something, regardless of the method. */
export async function answerUnreachable(
  feature: Exclude<Unreachable, 'proxy'>,
  parents: Getter,
  authorizer: Authorizer | undefined,
  resources: ResourceAccess,
  context: RequestContext,
  name: string,
): Promise<ApiResponse> {
  await mustBeAllowedToCreate(context, authorizer);
  // Options are validated before the pod is read.
  if (feature === 'pods/log') checkLogOptions(name, context);
  const pod = (await parents.get(context, name, {})).object() as Pod;
  const answer = CHECKS[feature](pod, context);
  if (answer !== undefined) return answer;
  await mustHaveNode(resources, pod.spec.nodeName ?? '');
  return unsupported(feature, WHY);
}

/** The parent's name in a proxy path may include scheme and port: `https:web:8443`. */
export async function answerProxy(
  parents: Getter,
  resources: ResourceAccess,
  context: RequestContext,
  id: string,
): Promise<ApiResponse> {
  const { resource } = parents.groupResource;
  const place = placeOf(id);
  if (place === undefined) throw newBadRequest(`invalid ${resource.slice(0, -1)} request ${quote(id)}`);
  await ADDRESS_CHECKS[resource]!({ parents, resources, context, ...place });
  return unsupported(`${resource}/proxy`, WHY);
}

/** Parses `name`, `name:port` or `scheme:name:port`; undefined for anything else. */
function placeOf(id: string): { name: string; port: string } | undefined {
  const parts = id.split(':');
  const [name, port] = parts.length === 3 ? parts.slice(1) : parts;
  if (parts.length > 3 || !name) return undefined;
  if (parts.length === 3 && !['', 'http', 'https'].includes(parts[0]!)) return undefined;
  return { name, port: port ?? '' };
}
