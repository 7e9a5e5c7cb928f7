/** Serves the page at `/ui`, which shows data from the server's API to users who may read it. */

import type { ApiHandler, ApiResponse } from '../request/api-request.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Serves the page at `GET /ui` to anyone: it contains no data of this server, and requests everything with its user's
 * own credentials. Other requests go to the handler.
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
      // Policies that a page can't set itself; the others are in the page.
      'content-security-policy': "frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    body: Buffer.from(html),
  };
}
