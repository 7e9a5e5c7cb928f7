import type { ApiHandler } from '../../shared/request/api-request.ts';
import { call } from '../fixtures/api-server.ts';
import { bodyOf, headersOf, listOf, type Target } from './exchange.ts';

/** This server, spoken to without a network. */
export function handlerTarget(server: { readonly handler: ApiHandler }): Target {
  return {
    async ask(step) {
      const body = step.body === undefined ? {} : { body: bodyOf(step) };
      const { status, headers, text } = await call(server, step.method, step.path, {
        headers: headersOf(step),
        ...body,
      });
      return {
        status,
        contentType: String(headers['content-type'] ?? ''),
        warnings: listOf(headers['warning']),
        // Listeners send none, whatever the handler made.
        text: step.method === 'HEAD' ? '' : text,
      };
    },
  };
}
