/** https://github.com/kubernetes/apimachinery/blob/master/pkg/util/httpstream/wsstream/conn.go */

import { type ApiRequest, headerOf } from './api-request.ts';

/**
 * Whether the client requests a WebSocket. API Gateway drops the `Upgrade` and `Connection` fields; the handshake's key
 * remains (RFC 6455, 4.1).
 */
export function isWebSocketRequest({ headers }: Pick<ApiRequest, 'headers'>): boolean {
  const upgrade = headerOf(headers, 'upgrade');
  if (upgrade === undefined) return headers.has('sec-websocket-key');
  return upgrade.toLowerCase() === 'websocket' && listsUpgrade(headerOf(headers, 'connection') ?? '');
}

/** Whitespace is allowed next to commas only. */
function listsUpgrade(connection: string): boolean {
  const options = connection.split(',');
  return options.some((option, index) => {
    const begun = index === 0 ? option : option.trimStart();
    return (index === options.length - 1 ? begun : begun.trimEnd()).toLowerCase() === 'upgrade';
  });
}
