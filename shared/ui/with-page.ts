/** Serves the page at `/ui`, which shows a person what the server's API tells those who may read it. */

import type { ApiHandler, ApiResponse } from '../request/api-request.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * `GET /ui` is the page, for anybody: it holds nothing of this server, and asks for all of it under its reader's own
 * credentials. Everything else is the handler's.
 */
export function withPage(handler: ApiHandler): ApiHandler {
  let page: Promise<ApiResponse> | undefined;
  return async (request) => {
    const { path, method } = request;
    if ((path !== '/ui' && path !== '/ui/') || !METHODS.has(method)) return handler(request);
    page ??= pageResponse();
    return page;
  };
}

async function pageResponse(): Promise<ApiResponse> {
  const { default: html } = await import('./page/page.html?page');
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      // What a page can't say of itself; the rest is its own policy.
      'content-security-policy': "frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    body: Buffer.from(html),
  };
}
