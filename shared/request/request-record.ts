import type { LogFields } from '../util/logger.ts';

/** What there is to say of one request when it has ended: no credential, no body, no query. */
export interface RequestRecord {
  /** Under which the audit log has it. */
  readonly auditID: string;
  readonly verb: string;
  /** Of what served it; all '' where nothing did, and for paths that are no resources. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Of requests that are for no resource. */
  readonly path: string;
  readonly status: number;
  /** Until the last byte of the answer was taken. */
  readonly milliseconds: number;
  /** Of the answer's body. */
  readonly bytes: number;
  /** Of a fleet: whose request it was. */
  readonly tenant?: string;
  /** It lasts as long as its client likes: a watch. */
  readonly isLongRunning: boolean;
}

/** Told of each request, once. Must not throw. */
export type RequestObserver = (record: RequestRecord) => void;

/** What a log says of a request, but for how long it took: the fields that say something. */
export function requestFields({
  status,
  milliseconds: _,
  isLongRunning: __,
  ...fields
}: RequestRecord): LogFields {
  return { code: status, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')) };
}
