/** https://github.com/kubernetes/apiserver/blob/master/pkg/audit/context.go, request.go */

import type { UserInfo as APIUserInfo } from '../apis/authentication/v1/types.ts';
import type { Status } from '../meta/status-error.ts';
import { formatMicroTime } from '../meta/time.ts';
import { type ApiRequest, headerOf } from '../request/api-request.ts';
import type { AuditContext } from '../request/request-context.ts';
import type { RequestInfo } from '../request/request-info.ts';
import type { UserInfo } from '../request/user-info.ts';
import { readJSON } from '../runtime/serializer/json/read-json.ts';
import { checkSyntaxInPieces } from '../runtime/serializer/json/syntax-error.ts';
import { parseInPieces } from '../runtime/serializer/json/untyped-decoders.ts';
import { inPieces } from '../util/breathe.ts';
import { deepCopyInPieces } from '../util/deep-copy.ts';
import { stringifyInPieces } from '../util/exact-json.ts';
import { isJSONObject } from '../util/json.ts';
import { RawJSON } from '../util/raw-json.ts';
import { textOfBytes } from '../util/text-of-bytes.ts';
import { weightInPieces } from '../util/weight.ts';
import type { AuditBackend } from './backend.ts';
import { type AuditEvent, type AuditObjectReference, type AuditStage, atLeast } from './event.ts';
import type { RequestAuditConfig } from './policy-evaluator.ts';

const MAX_USER_AGENT_LENGTH = 1024;
const TRUNCATED = '...TRUNCATED';

function apiUser({ name, uid, groups, extra }: UserInfo): APIUserInfo {
  return {
    ...(name !== '' && { username: name }),
    ...(uid !== '' && { uid }),
    ...(groups.length > 0 && { groups: [...groups] }),
    ...(Object.keys(extra).length > 0 && { extra: extra as Record<string, string[]> }),
  };
}

function userAgentOf({ headers }: ApiRequest): string {
  const agent = headerOf(headers, 'user-agent') ?? '';
  return agent.length > MAX_USER_AGENT_LENGTH ? agent.slice(0, MAX_USER_AGENT_LENGTH) + TRUNCATED : agent;
}

/** All but the last may be forged by the client. */
function sourceIPsOf({ headers, remoteAddress }: ApiRequest): string[] {
  const isIP = (text: string) =>
    /^[\d.]+$/.test(text) || (text.includes(':') && /^[\da-fA-F:.]+$/.test(text));
  const ips = (headers.get('x-forwarded-for') ?? [])
    .flatMap((line) => line.split(','))
    .map((ip) => ip.trim());
  const known = ips.filter(isIP);
  const real = headerOf(headers, 'x-real-ip')?.trim() ?? '';
  if (isIP(real) && !known.includes(real)) known.push(real);
  if (remoteAddress && known.at(-1) !== remoteAddress) known.push(remoteAddress);
  return known;
}

function requestURIOf({ path, query }: ApiRequest): string {
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

function withoutManagedFields(object: unknown): unknown {
  if (!isJSONObject(object)) return object;
  const { metadata, items, rows } = object;
  return {
    ...object,
    ...(isJSONObject(metadata) && { metadata: { ...metadata, managedFields: undefined } }),
    ...(Array.isArray(items) && { items: items.map(withoutManagedFields) }),
    ...(Array.isArray(rows) && {
      rows: rows.map((row) =>
        isJSONObject(row) ? { ...row, object: withoutManagedFields(row['object']) } : row,
      ),
    }),
  };
}

/** Objects of more bytes of memory, or of JSON, are kept as text. */
const LARGE_BYTES = 128 * 1024;

/** The object as it is now: it may be changed later. */
async function snapshot(object: unknown): Promise<unknown> {
  if (typeof object !== 'object' || object === null) return object;
  if ((await inPieces(weightInPieces(object))) <= LARGE_BYTES) return deepCopyInPieces(object);
  return new RawJSON(await inPieces(stringifyInPieces(object)));
}

/** Throws a SyntaxError, or an error with the position of the mistake. */
async function readLarge(bytes: Uint8Array): Promise<unknown> {
  if (bytes.byteLength <= LARGE_BYTES) return readJSON(bytes);
  await inPieces(checkSyntaxInPieces(bytes));
  return new RawJSON(textOfBytes(bytes));
}

const parsed = async ({ text }: RawJSON): Promise<unknown> => inPieces(parseInPieces(text));

/** The audited properties of a request, known after authentication. */
export interface AuditedRequest {
  readonly request: ApiRequest;
  readonly requestInfo: RequestInfo;
  readonly user: UserInfo;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** The audit of one request: collects what the policy requires, and sends an event at each stage. */
export class RequestAudit implements AuditContext {
  readonly auditID: string;
  readonly #annotations = new Map<string, string>();
  #config: RequestAuditConfig | undefined;
  #backend: AuditBackend | undefined;
  #request: AuditedRequest | undefined;
  #impersonation: { user: UserInfo; constraint: string } | undefined;
  #objectRef: AuditObjectReference | undefined;
  #requestObject: unknown;
  #responseObject: unknown;
  #responseStatus: Partial<Status> | undefined;

  constructor(auditID: string) {
    this.auditID = auditID;
  }

  /** Applies the policy. Before this call, everything is collected. */
  begin(request: AuditedRequest, config: RequestAuditConfig, backend: AuditBackend): void {
    this.#config = config;
    this.#backend = backend;
    this.#request = request;
    const { requestInfo } = request;
    if (!requestInfo.isResourceRequest) return;
    const { resource, namespace, name, apiGroup, apiVersion, subresource } = requestInfo;
    this.#objectRef = { resource, namespace, name, apiGroup, apiVersion, subresource };
  }

  get enabled(): boolean {
    return this.#config?.level !== 'None';
  }

  #wants(level: AuditEvent['level']): boolean {
    return this.#config !== undefined && atLeast(this.#config.level, level);
  }

  addAnnotation(key: string, value: string, level: 'Metadata' | 'Request' = 'Metadata'): void {
    if (level === 'Request' && !this.#wants(level)) return;
    if (this.enabled && !this.#annotations.has(key)) this.#annotations.set(key, value);
  }

  /** `constraint`: the verb that allowed it, if it wasn't plain `impersonate`. */
  logImpersonatedUser(user: UserInfo, constraint: string): void {
    this.#impersonation = { user, constraint };
  }

  async logRequestObject(object: () => unknown, shown?: () => Promise<unknown>): Promise<void> {
    if (!this.#wants('Metadata')) return;
    const value = object();
    const metadata = isJSONObject(value) && isJSONObject(value['metadata']) ? value['metadata'] : {};
    const text = (key: string) => (typeof metadata[key] === 'string' ? metadata[key] : undefined);
    const ref: AuditObjectReference = this.#objectRef ?? {};
    ref.namespace ||= text('namespace') ?? '';
    ref.name ||= text('name') ?? '';
    ref.uid ||= text('uid') ?? '';
    ref.resourceVersion ||= text('resourceVersion') ?? '';
    this.#objectRef = ref;
    if (!this.#wants('Request')) return;
    // Copied, since later steps may change the object.
    const logged = shown === undefined ? value : await shown();
    this.#requestObject = await snapshot(
      this.#config!.omitManagedFields ? withoutManagedFields(logged) : logged,
    );
  }

  async logRequestPatch(patch: Uint8Array): Promise<void> {
    if (!this.#wants('Request')) return;
    try {
      this.#requestObject = await readLarge(patch);
    } catch {
      // The log is JSON, so a patch in another format is left out.
    }
  }

  get keepsResponse(): boolean {
    return this.#wants('RequestResponse');
  }

  logResponseObject(object: () => unknown): void | Promise<void> {
    if (!this.keepsResponse) return;
    const made = object();
    if (made instanceof Promise) return made.then((value) => this.#keepResponse(value));
    return this.#keepResponse(made);
  }

  #keepResponse(value: unknown): void | Promise<void> {
    if (!this.#config!.omitManagedFields) this.#responseObject = value;
    else if (value instanceof RawJSON) {
      return parsed(value).then(async (object) => {
        this.#responseObject = await snapshot(withoutManagedFields(object));
      });
    } else this.#responseObject = withoutManagedFields(value);
  }

  /** The outcome: a code, or a whole Status if that was the response. */
  logResponseStatus(status: Partial<Status>): void {
    const { status: outcome, message, reason, details, code } = status;
    this.#responseStatus = {
      ...(outcome && { status: outcome }),
      ...(message && { message }),
      ...(reason && { reason }),
      ...(details && { details }),
      ...(code !== undefined && { code }),
    };
  }

  get hasBegun(): boolean {
    return this.#config !== undefined;
  }

  get hasResponseStatus(): boolean {
    return this.#responseStatus !== undefined;
  }

  /** False: the event could not be stored, so the request must not be served. */
  async processStage(stage: AuditStage): Promise<boolean> {
    const [config, backend, request] = [this.#config, this.#backend, this.#request];
    if (!config || !backend || !request || config.level === 'None' || config.omitStages.has(stage))
      return true;
    return backend.processEvents([this.#event(stage, request, config)]);
  }

  #event(stage: AuditStage, audited: AuditedRequest, { level }: RequestAuditConfig): AuditEvent {
    const { request, requestInfo, user, receivedAt } = audited;
    const sourceIPs = sourceIPsOf(request);
    const userAgent = userAgentOf(request);
    const received = formatMicroTime(receivedAt);
    const present = Object.entries(this.#objectRef ?? {}).filter(([, value]) => value !== '');
    return {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level,
      auditID: this.auditID,
      stage,
      requestURI: requestURIOf(request),
      verb: requestInfo.verb,
      user: apiUser(user),
      ...(this.#impersonation && { impersonatedUser: apiUser(this.#impersonation.user) }),
      ...(this.#impersonation?.constraint && {
        authenticationMetadata: { impersonationConstraint: this.#impersonation.constraint },
      }),
      ...(sourceIPs.length > 0 && { sourceIPs }),
      ...(userAgent !== '' && { userAgent }),
      ...(this.#objectRef && { objectRef: Object.fromEntries(present) }),
      ...(this.#responseStatus && { responseStatus: { metadata: {}, ...this.#responseStatus } }),
      ...(this.#requestObject !== undefined && { requestObject: this.#requestObject }),
      ...(this.#responseObject !== undefined && { responseObject: this.#responseObject }),
      requestReceivedTimestamp: received,
      stageTimestamp: stage === 'RequestReceived' ? received : formatMicroTime(Date.now()),
      ...(this.#annotations.size > 0 && { annotations: Object.fromEntries([...this.#annotations].sort()) }),
    };
  }
}
