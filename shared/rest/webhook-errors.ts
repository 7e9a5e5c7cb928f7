/** Texts for failed webhook calls, which match those of Go's clients where these are well known. */

import { quote } from '../runtime/go-format.ts';

interface SystemError extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly reason?: string;
  readonly errors?: readonly SystemError[];
}

const UNTRUSTED = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';

const BY_CODE: Readonly<Record<string, (error: SystemError) => string>> = {
  ECONNREFUSED: ({ address, port }) => `dial tcp ${address}:${port}: connect: connection refused`,
  EHOSTUNREACH: ({ address, port }) => `dial tcp ${address}:${port}: connect: no route to host`,
  ETIMEDOUT: ({ address, port }) => `dial tcp ${address}:${port}: i/o timeout`,
  ENOTFOUND: ({ hostname }) => `dial tcp: lookup ${hostname}: no such host`,
  EAI_AGAIN: ({ hostname }) => `dial tcp: lookup ${hostname}: server misbehaving`,
  ECONNRESET: () => 'EOF',
  SELF_SIGNED_CERT_IN_CHAIN: () => UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: () => UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () => UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: () => UNTRUSTED,
  CERT_HAS_EXPIRED: () =>
    'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  ERR_TLS_CERT_ALTNAME_INVALID: ({ reason }) =>
    `tls: failed to verify certificate: x509: ${reason ?? 'certificate is not valid for this name'}`,
  ERR_SSL_WRONG_VERSION_NUMBER: () => 'http: server gave HTTP response to HTTPS client',
  EPROTO: () => 'http: server gave HTTP response to HTTPS client',
};

/** The text for a call without an answer. */
export function callFailure(error: SystemError): string {
  if (error.name === 'TimeoutError') return 'context deadline exceeded';
  if (error.name === 'AbortError') {
    return (error.cause as Error | undefined)?.name === 'TimeoutError'
      ? 'context deadline exceeded'
      : 'context canceled';
  }
  // For a name with several addresses, reports the first error.
  const cause: SystemError = error.errors?.[0] ?? error;
  const { code = '' } = cause;
  return Object.hasOwn(BY_CODE, code) ? BY_CODE[code]!(cause) : cause.message;
}

/**
 * client-go's texts for answers without a reason of their own (`NewGenericServerResponse` of
 * https://github.com/kubernetes/apimachinery/blob/master/pkg/api/errors/errors.go).
 */
const BY_STATUS: Readonly<Record<number, string | ((text: string) => string)>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  403: (text) => text,
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  406: (text) =>
    text === 'unknown'
      ? 'the server was unable to respond with a content type that the client supports'
      : text,
  409: 'the server reported a conflict',
  415: (text) => text,
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};
const LONGEST_TEXT = 2048;

/** The text for an answer whose status code isn't a success. Text bodies are included, others become `unknown`. */
export function statusFailure(status: number, text: string, contentType: string): string {
  const message = statusMessage(text);
  if (message !== undefined) return message;
  const isText = contentType === '' || contentType.startsWith('text/');
  const shown = isText ? text.slice(0, LONGEST_TEXT).trim() : 'unknown';
  const known = BY_STATUS[status];
  if (known !== undefined) return typeof known === 'string' ? known : known(shown);
  return status < 500
    ? `the server responded with the status code ${status} but did not return more information`
    : `an error on the server (${quote(shown)}) has prevented the request from succeeding`;
}

/** The message of an answer that is a Status. */
function statusMessage(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as { kind?: unknown; message?: unknown } | null;
    return value?.kind === 'Status' && typeof value.message === 'string' ? value.message : undefined;
  } catch {
    return undefined;
  }
}
