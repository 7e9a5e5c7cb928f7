/** The state of one request in the handler chain, completed by the filters. */

import type { Status } from '../meta/status-error.ts';
import type { ApiRequest } from './api-request.ts';
import type { RequestInfo } from './request-info.ts';
import type { UserInfo } from './user-info.ts';

/** Collects `Warning: 299` texts; the same text is sent once. */
export interface WarningRecorder {
  addWarning(text: string): void;
}

/** Collects audit data while a request runs. All calls are cheap when the policy's level is None. */
export interface AuditContext {
  readonly auditID: string;
  /**
   * The first value of a key wins. `level`: the audit level from which it is recorded; `Request` for values too
   * sensitive for metadata.
   */
  addAnnotation(key: string, value: string, level?: 'Metadata' | 'Request'): void;
  /** `shown`: the object as it is to be logged, if that differs from the object received. */
  logRequestObject(object: () => unknown, shown?: () => Promise<unknown>): void | Promise<void>;
  logRequestPatch(patch: Uint8Array): void | Promise<void>;
  /** Whether `logResponseObject` records the object. */
  readonly keepsResponse: boolean;
  /** `object` may return a promise. */
  logResponseObject(object: () => unknown): void | Promise<void>;
  /** For responses that are a Status. */
  logResponseStatus(status: Status): void;
}

/** Whether a feature gate, by upstream's name, is enabled. */
export type FeatureEnabled = (gate: string) => boolean;

export interface RequestContext extends WarningRecorder {
  readonly request: ApiRequest;
  readonly requestInfo: RequestInfo;
  readonly user: UserInfo;
  /** The authenticated user, if the request impersonates another. */
  readonly impersonator?: UserInfo | undefined;
  readonly audit: AuditContext;
  readonly featureEnabled: FeatureEnabled;
  /** Aborted when the client disconnects or the request times out. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** The same request with changed request info. A spread alone would lose the context's getters and methods. */
export function withRequestInfo(context: RequestContext, changes: Partial<RequestInfo>): RequestContext {
  return {
    ...context,
    requestInfo: { ...context.requestInfo, ...changes },
    signal: context.signal,
    addWarning: (text) => context.addWarning(text),
  };
}
