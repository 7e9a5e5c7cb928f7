import type { RequestAuthenticator } from '../../shared/authn/authenticator.ts';
import type { ControlPlane } from '../../shared/server/create-control-plane.ts';
import { call } from '../fixtures/api-server.ts';
import { bodyOf, headersOf, listOf, type Target } from './exchange.ts';

/** Authenticates as the user of the peer's administrator certificate. */
export const asAdministrator: RequestAuthenticator = {
  authenticateRequest: async () => ({
    user: {
      name: 'admin',
      uid: '',
      groups: ['system:masters', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=<digest>'] },
    },
    audiences: [],
  }),
};

/** This server, called without a network. */
export function handlerTarget(server: Pick<ControlPlane, 'handler' | 'idle'>): Target {
  return {
    idle: () => server.idle(),
    async ask(step) {
      const body = step.body === undefined ? {} : { body: bodyOf(step) };
      const { status, headers, text } = await call(server, step.method, step.path, {
        headers: headersOf(step),
        ...body,
      });
      return {
        status,
        headers,
        contentType: String(headers['content-type'] ?? ''),
        warnings: listOf(headers['warning']),
        // Listeners never send a body for HEAD.
        text: step.method === 'HEAD' ? '' : text,
      };
    },
  };
}
