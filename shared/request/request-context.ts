/** What travels with one request through the handler chain, filled in as filters run. */

import type { Status } from '../meta/status-error.ts';
import type { ApiRequest } from './api-request.ts';
import type { RequestInfo } from './request-info.ts';
import type { UserInfo } from './user-info.ts';

/** Collects `Warning: 299` texts; the same text is sent once. */
export interface WarningRecorder {
  addWarning(text: string): void;
}

/** What audit keeps of a request while it runs. All calls are cheap when the policy's level is None. */
export interface AuditContext {
  readonly auditID: string;
  /** First writer of a key wins. `level`: for what would tell too much in a log of mere metadata. */
  addAnnotation(key: string, value: string, level?: 'Metadata' | 'Request'): void;
  /** `shown`: as it stands in the log, where that is not how it came. */
  logRequestObject(object: () => unknown, shown?: () => Promise<unknown>): void | Promise<void>;
  logRequestPatch(patch: Uint8Array): void;
  logResponseObject(object: () => unknown): void;
  /** Of answers that are a Status. */
  logResponseStatus(status: Status): void;
}

/** Whether a feature gate is on, by upstream's name. */
export type FeatureEnabled = (gate: string) => boolean;

export interface RequestContext extends WarningRecorder {
  readonly request: ApiRequest;
  readonly requestInfo: RequestInfo;
  readonly user: UserInfo;
  /** Of impersonation: who really called. */
  readonly impersonator?: UserInfo | undefined;
  readonly audit: AuditContext;
  readonly featureEnabled: FeatureEnabled;
  /** Aborted when the client went away or the request's time is up. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** The same request, asking for something else: a context is more than its fields. */
export function withRequestInfo(context: RequestContext, changes: Partial<RequestInfo>): RequestContext {
  return {
    ...context,
    requestInfo: { ...context.requestInfo, ...changes },
    signal: context.signal,
    addWarning: (text) => context.addWarning(text),
  };
}
