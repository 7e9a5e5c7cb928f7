import type { LogFields } from '../util/logger.ts';

/** Summary of a completed request. Contains no credentials, body or query. */
export interface RequestRecord {
  /** The ID of its audit events. */
  readonly auditID: string;
  readonly verb: string;
  /** The resource that served it; all '' if there was none, and for non-resource requests. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Of non-resource requests. */
  readonly path: string;
  readonly status: number;
  /** Until the last byte of the response was sent. */
  readonly milliseconds: number;
  /** Size of the response body. */
  readonly bytes: number;
  /** The tenant of a fleet that the request was for. */
  readonly tenant?: string;
  /** Whether its duration is up to the client, as for a watch. */
  readonly isLongRunning: boolean;
}

/** Called once for each request. Must not throw. */
export type RequestObserver = (record: RequestRecord) => void;

/** The non-empty fields of a record for a log line, without its duration. */
export function requestFields({
  status,
  milliseconds: _,
  isLongRunning: __,
  ...fields
}: RequestRecord): LogFields {
  return { code: status, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')) };
}
