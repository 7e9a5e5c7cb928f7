/** https://github.com/kubernetes/apiserver/blob/master/pkg/authentication/request/websocket/protocol.go */

import type { ApiRequest, HeaderFields } from '../../request/api-request.ts';
import { isWebSocketRequest } from '../../request/web-socket-request.ts';
import {
  AuthenticationError,
  type AuthenticationRecorder,
  type AuthenticatorResponse,
  INVALID_BEARER_TOKEN,
  type RequestAuthenticator,
  type TokenAuthenticator,
} from '../authenticator.ts';

const PROTOCOLS = 'sec-websocket-protocol';
const BEARER_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

function decode(encoded: string): string {
  if (!/^[\w-]*$/.test(encoded))
    throw new AuthenticationError('invalid base64.bearer.authorization token encoding');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64url'));
  } catch (cause) {
    throw new AuthenticationError('invalid base64.bearer.authorization token', { cause });
  }
}

/** Removes tokens from the list of subprotocols. */
export function withoutWebSocketTokens(headers: HeaderFields): HeaderFields {
  const lines = headers.get(PROTOCOLS) ?? [];
  if (!lines.some((line) => line.includes(BEARER_PROTOCOL))) return headers;
  const kept = lines
    .flatMap((line) => line.split(','))
    .filter((protocol) => !protocol.trim().startsWith(BEARER_PROTOCOL));
  return new Map([...headers, [PROTOCOLS, [kept.map((protocol) => protocol.trim()).join(',')]]]);
}

/** Accepts a token passed as a subprotocol, since browsers can't set headers on a WebSocket. */
export class WebSocketAuthenticator implements RequestAuthenticator {
  readonly #tokens: TokenAuthenticator;
  readonly #apiAudiences: readonly string[];

  constructor(tokens: TokenAuthenticator, apiAudiences: readonly string[]) {
    this.#tokens = tokens;
    this.#apiAudiences = apiAudiences;
  }

  async authenticateRequest(
    request: ApiRequest,
    recorder?: AuthenticationRecorder,
  ): Promise<AuthenticatorResponse | undefined> {
    if (!isWebSocketRequest(request)) return undefined;
    const lines = request.headers.get(PROTOCOLS) ?? [];
    const protocols = lines.flatMap((line) => line.split(',')).map((protocol) => protocol.trim());
    const tokens = protocols.filter((protocol) => protocol.startsWith(BEARER_PROTOCOL));
    if (tokens.length === 0) return undefined;
    if (tokens.length > 1)
      throw new AuthenticationError('multiple base64.bearer.authorization tokens specified');
    const token = decode(tokens[0]!.slice(BEARER_PROTOCOL.length));
    if (token === '') return undefined;
    // One subprotocol must remain for the server to select.
    if (protocols.length === 1) throw new AuthenticationError('missing additional subprotocol');
    const response = await this.#tokens.authenticateToken(token, this.#apiAudiences, recorder);
    if (response === undefined) throw new AuthenticationError(INVALID_BEARER_TOKEN);
    return response;
  }
}
