/** https://github.com/kubernetes/apimachinery/blob/master/pkg/util/httpstream/wsstream/conn.go */

import { type ApiRequest, headerOf } from './api-request.ts';

/**
 * The client asks for a WebSocket. API Gateway drops the fields that say so (`Upgrade`, `Connection`); the handshake's
 * key (RFC 6455, 4.1) is left.
 */
export function isWebSocketRequest({ headers }: Pick<ApiRequest, 'headers'>): boolean {
  const upgrade = headerOf(headers, 'upgrade');
  if (upgrade === undefined) return headers.has('sec-websocket-key');
  return upgrade.toLowerCase() === 'websocket' && listsUpgrade(headerOf(headers, 'connection') ?? '');
}

/** Blanks stand beside commas only. */
function listsUpgrade(connection: string): boolean {
  const options = connection.split(',');
  return options.some((option, index) => {
    const begun = index === 0 ? option : option.trimStart();
    return (index === options.length - 1 ? begun : begun.trimEnd()).toLowerCase() === 'upgrade';
  });
}
