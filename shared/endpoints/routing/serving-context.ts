/** The request context as the filters fill it in. Other code sees it as a `RequestContext`. */

import type { ApiRequest, ApiResponse } from '../../request/api-request.ts';
import type { AuditContext, FeatureEnabled, RequestContext } from '../../request/request-context.ts';
import { NO_RESOURCE, type RequestInfo } from '../../request/request-info.ts';
import { API_SERVER_USER, type UserInfo } from '../../request/user-info.ts';
import type { GroupVersionResource } from '../../runtime/group-version.ts';
import type { WatchMetrics } from '../metrics/watch-metrics.ts';
import type { ReadAhead } from './read-ahead.ts';

const NO_AUDIT: Omit<AuditContext, 'auditID'> = {
  addAnnotation: () => {},
  logRequestObject: () => {},
  logRequestPatch: () => {},
  keepsResponse: false,
  logResponseObject: () => {},
  logResponseStatus: () => {},
};

const NO_INFO: RequestInfo = { ...NO_RESOURCE, path: '/', verb: 'get' };

/** Maximum runes of one warning and of all warnings of a request; the rest is truncated or dropped. */
const MAX_WARNING_RUNES = 256;
const MAX_TOTAL_RUNES = 4096;

/** Provides a signal, which may be created on first use. */
export type SignalSource = Pick<RequestContext, 'signal'>;

export class ServingContext implements RequestContext {
  request: ApiRequest;
  readonly receivedAt: number;
  requestInfo: RequestInfo = NO_INFO;
  user: UserInfo;
  impersonator: UserInfo | undefined;
  /** The verb that permitted constrained impersonation; '' for plain `impersonate`. */
  impersonationConstraint = '';
  audit: AuditContext;
  featureEnabled: FeatureEnabled = () => false;
  /** If absent, watch events aren't counted. */
  watchMetrics: WatchMetrics | undefined;
  /** The resource that serves the request, set once it is found. */
  served: (GroupVersionResource & { readonly subresource: string }) | undefined;
  /** Whether the server ended the request to protect itself: its limits were reached, or its time was over. */
  terminated = false;
  /** The requested object if it was read before authorization finished. */
  ahead: ReadAhead | undefined;
  /** Whether the request comes from the server's own loopback client, which is authenticated implicitly. */
  readonly loopback: boolean;
  #signal: SignalSource;
  readonly #warnings = new Set<string>();
  /** Lower bound on the runes of all warnings after truncation. */
  #runes = 0;

  constructor(request: ApiRequest, options: { readonly user: UserInfo; readonly loopback?: boolean }) {
    this.request = request;
    this.receivedAt = Date.now();
    this.user = options.user;
    this.loopback = options.loopback ?? false;
    this.audit = { auditID: '', ...NO_AUDIT };
    this.#signal = request;
  }

  static forLoopback(request: ApiRequest): ServingContext {
    return new ServingContext(request, { user: API_SERVER_USER, loopback: true });
  }

  /** Created on first use, which most requests never reach: a signal costs more than most of their other work. */
  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  /** Replaces the signal for later callers by that of `source`, which receives the previous source. */
  narrowSignal<S extends SignalSource>(source: (outer: SignalSource) => S): S {
    const narrower = source(this.#signal);
    this.#signal = narrower;
    return narrower;
  }

  addWarning(text: string): void {
    // Header values can't be empty or contain control characters.
    if (text === '' || /\p{Cc}/u.test(text)) return;
    // Further warnings would be dropped anyway.
    if (this.#runes > MAX_TOTAL_RUNES || this.#warnings.has(text)) return;
    this.#warnings.add(text);
    this.#runes += Math.min(text.length / 2, MAX_WARNING_RUNES);
  }

  /**
   * The distinct warnings in the order they were added. Once they exceed the total limit, each one is truncated
   * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/filters/warning.go).
   */
  warnings(): string[] {
    const all = [...this.#warnings].map((text) => [...text]);
    let kept: string[][] = [];
    let written = 0;
    let isCutting = false;
    for (const [index, text] of all.entries()) {
      if (isCutting && written >= MAX_TOTAL_RUNES) break;
      isCutting ||= written + text.length > MAX_TOTAL_RUNES;
      if (isCutting) kept = all.slice(0, index + 1).map((one) => one.slice(0, MAX_WARNING_RUNES));
      else kept.push(text);
      written = kept.reduce((sum, { length }) => sum + length, 0);
    }
    return kept.map((text) => text.join(''));
  }
}

/** The response with additional headers; names must be lower case. */
export function withHeaders(response: ApiResponse, headers: ApiResponse['headers']): ApiResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}
