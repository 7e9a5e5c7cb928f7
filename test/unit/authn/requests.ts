import { type ApiRequest, headerFields } from '../../../shared/request/api-request.ts';

export function request(
  headers: Readonly<Record<string, string | readonly string[]>> = {},
  more: Partial<ApiRequest> = {},
): ApiRequest {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, value] as [string, string]),
  );
  return {
    method: 'GET',
    path: '/api',
    query: new URLSearchParams(),
    headers: headerFields(lines),
    body: new Uint8Array(),
    signal: new AbortController().signal,
    canStream: false,
    ...more,
  };
}
