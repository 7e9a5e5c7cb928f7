/** The request context as the filters fill it in. Everybody else sees `RequestContext`. */

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
  logResponseObject: () => {},
  logResponseStatus: () => {},
};

const NO_INFO: RequestInfo = { ...NO_RESOURCE, path: '/', verb: 'get' };

/** Runes of one warning, and of all of a request's together; what goes beyond is left out. */
const MAX_WARNING_RUNES = 256;
const MAX_TOTAL_RUNES = 4096;

/** Has a signal, which may be made when it is first asked for. */
export type SignalSource = Pick<RequestContext, 'signal'>;

export class ServingContext implements RequestContext {
  request: ApiRequest;
  readonly receivedAt: number;
  requestInfo: RequestInfo = NO_INFO;
  user: UserInfo;
  impersonator: UserInfo | undefined;
  /** The verb that allowed it; '' for plain `impersonate`. */
  impersonationConstraint = '';
  audit: AuditContext;
  featureEnabled: FeatureEnabled = () => false;
  /** Absent: nobody counts. */
  watchMetrics: WatchMetrics | undefined;
  /** The resource that serves the request, once it is found. */
  served: (GroupVersionResource & { readonly subresource: string }) | undefined;
  /** What is asked for, where it was read before it was known that it may be. */
  ahead: ReadAhead | undefined;
  /** The server's own request, by its loopback client: authenticated as itself. */
  readonly loopback: boolean;
  #signal: SignalSource;
  readonly #warnings = new Set<string>();
  /** Of the warnings, at least, if each is cut. */
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

  /** Made when it is first asked for, which few requests do: a signal costs more than most of what they do. */
  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  /** Whoever asks for the signal from now on gets that of `source`, which is given the one before. */
  narrowSignal<S extends SignalSource>(source: (outer: SignalSource) => S): S {
    const narrower = source(this.#signal);
    this.#signal = narrower;
    return narrower;
  }

  addWarning(text: string): void {
    // No header can hold them.
    if (text === '' || /\p{Cc}/u.test(text)) return;
    // More would be cut off in any case.
    if (this.#runes > MAX_TOTAL_RUNES || this.#warnings.has(text)) return;
    this.#warnings.add(text);
    this.#runes += Math.min(text.length / 2, MAX_WARNING_RUNES);
  }

  /**
   * In the order they were given, each once. From the one on that is more than headers may hold, all are cut
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

/** The answer with more headers; names lower case. */
export function withHeaders(response: ApiResponse, headers: ApiResponse['headers']): ApiResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}
